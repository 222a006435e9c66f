import { useEffect } from 'react';
import type { Me } from '@tidings/client';
import { Icon } from '../base/icon';
import { Link } from '../base/link';
import type { OpsPart } from '../base/route';
import { useTexts } from '../i18n/texts';
import { AccountsPart } from './accounts_part';
import { FiguresPart } from './figures_part';
import { KeysPart } from './keys_part';
import { Refused } from './refused';
import { isRefusal, useWatch } from './use_watch';
import { WatchState } from './watch_state';
import '../styles/ops.css';

interface OpsPageProps {
  readonly me: Me;
  readonly part: OpsPart;
}

const PARTS: readonly OpsPart[] = ['figures', 'accounts', 'keys'];

/** For operators: what the server does, its accounts, and the keys of its services. */
export default function OpsPage({ me, part }: OpsPageProps) {
  const say = useTexts();
  // Here and not in the part that shows it, so that nothing is missing when one comes back from the others.
  const watch = useWatch();
  const title = `${say('ops.title')} · ${say('app')}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  if (isRefusal(watch.error)) return <Refused name={me.name} />;
  return (
    <div className="ops">
      <header className="ops-head">
        <Link to={{ page: 'home' }} className="action" aria-label={say('nav.back')} title={say('nav.back')}><Icon name="back" /></Link>
        <h1>{say('ops.title')}</h1>
        <nav className="ops-parts" aria-label={say('ops.parts')}>
          {PARTS.map((one) => <Link key={one} to={{ page: 'ops', part: one }} aria-current={one === part ? 'page' : undefined}>{say(`ops.${one}`)}</Link>)}
        </nav>
        <WatchState watch={watch} />
      </header>
      <main className="ops-main">
        {part === 'figures' && <FiguresPart watch={watch} />}
        {part === 'accounts' && <AccountsPart me={me.name} />}
        {part === 'keys' && <KeysPart />}
      </main>
    </div>
  );
}

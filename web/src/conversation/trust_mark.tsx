import * as Ariakit from '@ariakit/react';
import type { Comparison, Conversation, MessageId, Trust } from '@tidings/client';
import { Icon } from '../base/icon';
import { useAction } from '../base/use_action';
import { useLanguage, useTexts } from '../i18n/texts';
import { clockTime, fullTime } from '../i18n/times';

interface TrustMarkProps {
  readonly trust: Trust;
  readonly conversation: Conversation;
}

const EXPLAIN = { complete: 'trust.explainComplete', unchecked: 'trust.explainUnchecked', repairing: 'trust.explainRepairing', differs: 'trust.explainDiffers' } as const;

/** The first 48 bits of an id are the millisecond at which it was made. */
const timeOf = (id: MessageId) => parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** "complete, verified 14:02", which opens what was compared. */
export function TrustMark({ trust, conversation }: TrustMarkProps) {
  const say = useTexts();
  const language = useLanguage();
  const action = useAction();
  const time = trust.last === undefined ? '' : clockTime(trust.last.at, language);
  return (
    <Ariakit.PopoverProvider placement="bottom-start">
      <Ariakit.PopoverDisclosure className={`trust trust-${trust.state}`} data-trust={trust.state}>
        <Icon name={trust.state === 'complete' ? 'shield' : 'clock'} />
        <span className="trust-wide">{say(`trust.short.${trust.state}`, { time })}</span>
        <span className="trust-narrow" aria-hidden="true">{trust.state === 'complete' ? time : say(`trust.short.${trust.state}`)}</span>
      </Ariakit.PopoverDisclosure>
      <Ariakit.Popover className="popover trust-details" gutter={6} portal unmountOnHide>
        <Ariakit.PopoverHeading className="popover-title">{say('trust.title')}</Ariakit.PopoverHeading>
        <p>{say(EXPLAIN[trust.state])}</p>
        {trust.last !== undefined && <Compared last={trust.last} />}
        {trust.repaired > 0 && <p>{say('trust.repaired', { count: trust.repaired })}</p>}
        <p className="error" role="alert">{action.error}</p>
        <button type="button" className="button" disabled={action.busy} onClick={() => void action.run(() => conversation.check())}>{say(action.busy ? 'trust.checking' : 'trust.check')}</button>
      </Ariakit.Popover>
    </Ariakit.PopoverProvider>
  );
}

function Compared({ last }: { readonly last: Comparison }) {
  const say = useTexts();
  const language = useLanguage();
  const began = timeOf(last.from);
  const from = began === 0 ? say('trust.begin') : fullTime(began, language);
  return (
    <dl className="compared">
      <dt>{say('trust.range')}</dt>
      <dd>{last.to === null ? say('trust.from', { from }) : say('trust.fromTo', { from, to: fullTime(timeOf(last.to), language) })}</dd>
      {([['trust.here', last.local], ['trust.server', last.server]] as const).map(([key, side]) => (
        <div key={key}>
          <dt>{say(key)}</dt>
          <dd>{say('trust.count', { count: side.count })}<br /><code dir="ltr">{side.sum}</code></dd>
        </div>
      ))}
      <dd className="hint">{say('trust.countHint')}</dd>
    </dl>
  );
}

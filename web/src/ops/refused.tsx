import { Link } from '../base/link';
import { useTexts } from '../i18n/texts';

/** For who is no operator: what to ask for, and whom. */
export function Refused({ name }: { readonly name: string }) {
  const say = useTexts();
  return (
    <main className="ops-refused">
      <h1>{say('ops.refusedTitle')}</h1>
      <p>{say('ops.refused', { name: `@${name}` })}</p>
      <p><code dir="ltr">tidings admin account admin {name}</code></p>
      <p className="hint">{say('ops.refusedThen')}</p>
      <p className="ops-refused-ways">
        <button type="button" className="button" onClick={() => location.reload()}>{say('list.retry')}</button>
        <Link to={{ page: 'home' }}>{say('nav.back')}</Link>
      </p>
    </main>
  );
}

import { count, decimal, duration } from '../i18n/numbers';
import { useLanguage, useTexts } from '../i18n/texts';
import type { Fleet } from './fleet';

/** Who answered: one process, or the workers behind a balancer, of which each reading is one. */
export function Processes({ fleet }: { readonly fleet: Fleet }) {
  const say = useTexts();
  const language = useLanguage();
  const all = [...fleet.processes].sort(([one], [other]) => (one < other ? -1 : 1));
  return (
    <section className="panel">
      <h2 id="processes">{say('ops.processes')}</h2>
      <p className="hint">{say('ops.processesHint')}</p>
      {all.length === 0 ? <p className="panel-none">{say('ops.unknown')}</p> : (
        <table className="table" aria-labelledby="processes">
          <thead>
            <tr>
              <th scope="col">{say('ops.process')}</th>
              <th scope="col" className="table-number table-wide">{say('ops.up')}</th>
              <th scope="col" className="table-number">{say('ops.sends')}</th>
              <th scope="col" className="table-number">{say('ops.connections')}</th>
            </tr>
          </thead>
          <tbody>
            {all.map(([name, { figures, rates }]) => (
              <tr key={name}>
                <th scope="row"><bdi className="table-name" dir="ltr">{withoutLife(name)}</bdi><span className="hint">{say('ops.version', { version: figures.version })}<span className="table-narrow"> · {duration(figures.upSeconds, language)}</span></span></th>
                <td className="table-number table-wide">{duration(figures.upSeconds, language)}</td>
                <td className="table-number">{rates === undefined ? '–' : say('ops.perSecond', { value: decimal(rates.sends, language) })}</td>
                <td className="table-number">{count(figures.connections, language)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

// The last word tells its lives apart, which tells people nothing.
function withoutLife(process: string): string {
  return process.replace(/ [0-9a-f]{16}$/, '');
}

import { useClient } from '../base/client';
import { useReadable } from '../base/use_readable';
import { count } from '../i18n/numbers';
import { useLanguage, useTexts } from '../i18n/texts';
import { busiestOf, type Fleet } from './fleet';

/** Which groups make the load. Of those that the operator is not in, nobody says more than the id. */
export function BusyGroups({ fleet }: { readonly fleet: Fleet }) {
  const say = useTexts();
  const language = useLanguage();
  const own = useReadable(useClient().groups.list).groups;
  const busiest = busiestOf(fleet);
  const most = busiest[0]?.perMinute ?? 0;
  return (
    <section className="panel">
      <h2 id="busy-groups">{say('ops.busy')}</h2>
      <p className="hint">{say('ops.busyHint')}</p>
      {busiest.length === 0 ? <p className="panel-none">{say(fleet.processes.size === 0 ? 'ops.unknown' : 'ops.busyNone')}</p> : (
        <table className="table" aria-labelledby="busy-groups">
          <thead><tr><th scope="col">{say('ops.group')}</th><th scope="col" className="table-number">{say('ops.perMinute')}</th></tr></thead>
          <tbody>
            {busiest.map(({ id, perMinute }) => {
              const name = own.find((group) => group.id === id)?.name;
              return (
                <tr key={id}>
                  <th scope="row">{name !== undefined && <bdi className="table-name">{name}</bdi>}<code dir="ltr">{id}</code></th>
                  <td className="table-number">{count(perMinute, language)}<span className="bar" aria-hidden="true"><span style={{ inlineSize: `${(100 * perMinute) / Math.max(1, most)}%` }} /></span></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}

import { useLanguage, useTexts, type TextKey } from '../i18n/texts';
import { bytes, count, decimal, milliseconds } from '../i18n/numbers';
import { BusyGroups } from './busy_groups';
import { Processes } from './processes';
import { Tile } from './tile';
import type { Watch } from './watch';

/** What the server does now and did in the last five minutes. */
export function FiguresPart({ watch }: { readonly watch: Watch }) {
  const say = useTexts();
  const language = useLanguage();
  const { fleet, series } = watch;
  const latest = series.at(-1);
  const whole = (value: number) => count(value, language);
  const perSecond = (value: number) => say('ops.perSecond', { value: decimal(value, language) });
  // An API worker of a cluster holds neither sockets nor the store.
  const isPart = [...fleet.processes.values()].some(({ figures }) => figures.role === 'api');
  const hintOf = (value: number | undefined, known: TextKey, notKnown: TextKey) => (value !== undefined ? say(known, { value: whole(value) }) : isPart ? say(notKnown) : '');
  return (
    <>
      <p className="hint tiles-span">{say('ops.span')}</p>
      <div className="tiles" data-stale={watch.error !== undefined}>
        <Tile series={series} title="ops.sends" figure="sends" show={perSecond} hint={say('ops.sendsHint')} />
        <Tile series={series} title="ops.changed" figure="changed" show={perSecond} hint={say(isPart ? 'ops.elsewhere' : 'ops.changedHint')} />
        <Tile series={series} title="ops.throttled" figure="throttled" show={perSecond} hint={say('ops.throttledHint')} />
        <Tile series={series} title="ops.latency" figure="commitMs" show={(value) => milliseconds(value, language)} hint={say('ops.latencyHint')} />
        <Tile series={series} title="ops.queue" figure="queueWaiting" show={whole} hint={say('ops.queueHint')} />
        <Tile series={series} title="ops.leases" figure="queueLeased" show={whole} hint={say('ops.leasesHint')} />
        <Tile series={series} title="ops.connections" figure="connections" show={whole} hint={hintOf(latest?.sockets, 'ops.connectionsHint', 'ops.connectionsPart')} />
        <Tile series={series} title="ops.store" figure="diskBytes" show={(value) => bytes(value, language)} hint={hintOf(latest?.messages, 'ops.storeHint', 'ops.elsewhere')} fromZero={false} />
      </div>
      <div className="ops-tables">
        <BusyGroups fleet={fleet} />
        <Processes fleet={fleet} />
      </div>
    </>
  );
}

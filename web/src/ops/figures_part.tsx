import { useLanguage, useTexts } from '../i18n/texts';
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
  const unlessUnknown = (value: number | undefined, hint: (shown: string) => string) => (value === undefined && fleet.processes.size > 0 ? say('ops.elsewhere') : hint(whole(value ?? 0)));
  // Undefined also before the second reading; what a process can't know at all shows in figures that need only one.
  const isWhole = latest?.diskBytes !== undefined;
  return (
    <>
      <div className="tiles" data-stale={watch.error !== undefined}>
        <Tile series={series} title="ops.sends" figure="sends" show={perSecond} hint={say('ops.sendsHint')} />
        <Tile series={series} title="ops.changed" figure="changed" show={perSecond} hint={isWhole || fleet.processes.size === 0 ? say('ops.changedHint') : say('ops.elsewhere')} />
        <Tile series={series} title="ops.throttled" figure="throttled" show={perSecond} hint={say('ops.throttledHint')} />
        <Tile series={series} title="ops.latency" figure="commitMs" show={(value) => milliseconds(value, language)} hint={say('ops.latencyHint')} />
        <Tile series={series} title="ops.queue" figure="queueWaiting" show={whole} hint={say('ops.queueHint')} />
        <Tile series={series} title="ops.leases" figure="queueLeased" show={whole} hint={say('ops.leasesHint')} />
        <Tile series={series} title="ops.connections" figure="connections" show={whole} hint={unlessUnknown(latest?.sockets, (value) => say('ops.connectionsHint', { value }))} />
        <Tile series={series} title="ops.store" figure="diskBytes" show={(value) => bytes(value, language)} hint={unlessUnknown(latest?.messages, (value) => say('ops.storeHint', { value }))} fromZero={false} />
      </div>
      <div className="ops-tables">
        <BusyGroups fleet={fleet} />
        <Processes fleet={fleet} />
      </div>
    </>
  );
}

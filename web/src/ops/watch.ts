import type { Figures, TimeMs } from '@tidings/client';
import { NOBODY, totalsOf, withReading, type Fleet } from './fleet';
import { withMoment, type Series } from './series';

/** What is known of the server, and since when it is not known any more. */
export interface Watch {
  readonly fleet: Fleet;
  readonly series: Series;
  /** When figures last came, on this machine's clock. */
  readonly readAt?: TimeMs;
  /** Why the last reading failed. */
  readonly error?: unknown;
}

export const NOTHING_READ: Watch = { fleet: NOBODY, series: [] };

export type Reading = { readonly at: TimeMs } & ({ readonly figures: Figures } | { readonly error: unknown });

/** So long without a reading, and the tab was hidden or the machine asleep. */
const AWAY_MS = 10_000;

export function afterReading(before: Watch, reading: Reading): Watch {
  const { at } = reading;
  const watch = at - (before.series.at(-1)?.at ?? at) > AWAY_MS ? withNothingKnown(before, at - 1) : before;
  // Who did not answer may have ended.
  if ('error' in reading) return { ...withNothingKnown(watch, at), error: reading.error };
  const fleet = withReading(watch.fleet, reading.figures);
  return { fleet, series: withMoment(watch.series, { at, ...totalsOf(fleet) }), readAt: at };
}

// All processes are met anew, so that no rate is one over a time in which nothing was known; and the graphs show it.
function withNothingKnown(watch: Watch, at: TimeMs): Watch {
  return { ...watch, fleet: { ...watch.fleet, processes: new Map() }, series: withMoment(watch.series, { at }) };
}

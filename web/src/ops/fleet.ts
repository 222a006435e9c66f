import type { Figures } from '@tidings/client';

/** What a process does in a second. */
export interface Rates {
  readonly sends: number;
  readonly changed: number;
  readonly throttled: number;
  readonly commits: number;
  readonly commitUs: number;
}

export interface Process {
  /** As it was last read. */
  readonly figures: Figures;
  /** Absent until it was read twice. */
  readonly rates?: Rates;
  /** Which of all readings that was. */
  readonly turn: number;
}

/**
 * The processes behind one address. A reading is of one of them, whichever the balancer chose, so each is remembered
 * until it is read again.
 */
export interface Fleet {
  readonly turn: number;
  readonly processes: ReadonlyMap<string, Process>;
}

export const NOBODY: Fleet = { turn: 0, processes: new Map() };

/** Of n processes each is met about once in n readings; one that was not met in three times as many is gone. */
const ROUNDS = 3;

export function withReading(fleet: Fleet, figures: Figures): Fleet {
  const turn = fleet.turn + 1;
  const before = fleet.processes.get(figures.process)?.figures;
  const rates = before && ratesBetween(before, figures);
  const processes = new Map(fleet.processes).set(figures.process, { figures, turn, ...(rates && { rates }) });
  const patience = ROUNDS * processes.size;
  for (const [name, process] of processes) if (turn - process.turn >= patience) processes.delete(name);
  return { turn, processes };
}

/** Undefined where two readings make no sense together: no rate is better than a wrong one. */
export function ratesBetween(before: Figures, after: Figures): Rates | undefined {
  const seconds = (after.serverTime - before.serverTime) / 1000;
  const perSecond = (name: 'stored' | 'changedSent' | 'throttled' | 'commits' | 'commitUs') => (after[name] - before[name]) / seconds;
  const rates = { sends: perSecond('stored'), changed: perSecond('changedSent'), throttled: perSecond('throttled'), commits: perSecond('commits'), commitUs: perSecond('commitUs') };
  const isSane = before.process === after.process && seconds > 0 && Object.values(rates).every((rate) => rate >= 0);
  return isSane ? rates : undefined;
}

/** What all processes do together. What is absent is not known (yet). */
export interface Totals {
  readonly sends?: number;
  readonly changed?: number;
  readonly throttled?: number;
  /** The mean time of a commit; absent while there is none. */
  readonly commitMs?: number;
  readonly queueWaiting?: number;
  readonly queueLeased?: number;
  readonly connections?: number;
  readonly sockets?: number;
  readonly diskBytes?: number;
  readonly messages?: number;
}

export function totalsOf({ turn, processes }: Fleet): Totals {
  const all = [...processes.values()];
  const newest = all.find((process) => process.turn === turn)?.figures;
  if (newest === undefined) return {};
  // A sum that lacks one of them would look like a fall.
  const rates = all.flatMap((process) => (process.rates ? [process.rates] : []));
  const isComplete = rates.length === all.length;
  const sum = (name: keyof Rates) => rates.reduce((total, one) => total + one[name], 0);
  const held = (name: 'connections' | 'sockets') => all.reduce((total, { figures }) => total + figures[name], 0);
  // API workers of a cluster hold neither sockets nor the store.
  const isWhole = all.every(({ figures }) => figures.role === 'serve');
  return {
    // The queue and the store are one, whoever is asked.
    queueWaiting: newest.queueWaiting,
    queueLeased: newest.queueLeased,
    connections: held('connections'),
    ...(isComplete && { sends: sum('sends'), throttled: sum('throttled') }),
    ...(isComplete && sum('commits') > 0 && { commitMs: sum('commitUs') / sum('commits') / 1000 }),
    ...(isComplete && isWhole && { changed: sum('changed') }),
    ...(isWhole && { sockets: held('sockets'), diskBytes: newest.storeDiskBytes, messages: newest.storeMessages }),
  };
}

const BUSY_SHOWN = 10;

/** The groups with most messages, over all processes; the busiest first. */
export function busiestOf({ processes }: Fleet): { readonly id: string; readonly perMinute: number }[] {
  const perMinute = new Map<string, number>();
  for (const { figures } of processes.values()) {
    for (const group of figures.busyGroups) perMinute.set(group.id, (perMinute.get(group.id) ?? 0) + group.perMinute);
  }
  return [...perMinute].map(([id, count]) => ({ id, perMinute: count })).sort((one, other) => other.perMinute - one.perMinute).slice(0, BUSY_SHOWN);
}

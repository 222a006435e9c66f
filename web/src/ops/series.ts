import type { TimeMs } from '@tidings/client';
import type { Totals } from './fleet';

/** What was known at one moment; nothing when the reading failed. */
export interface Moment extends Totals {
  readonly at: TimeMs;
}

/** The last five minutes, oldest first. */
export type Series = readonly Moment[];

export const SPAN_MS = 5 * 60_000;

export function withMoment(series: Series, moment: Moment): Series {
  return [...series.filter(({ at }) => at > moment.at - SPAN_MS && at < moment.at), moment];
}

export interface Point {
  /** 0: five minutes ago, 1: now. */
  readonly x: number;
  readonly value: number;
}

/** One figure as lines: where it was not known, one ends and another begins. */
export function linesOf(series: Series, figure: keyof Totals): Point[][] {
  const now = series.at(-1)?.at ?? 0;
  const lines: Point[][] = [];
  let isBroken = true;
  for (const moment of series) {
    const value = moment[figure];
    if (value !== undefined) {
      if (isBroken) lines.push([]);
      lines.at(-1)?.push({ x: 1 - (now - moment.at) / SPAN_MS, value });
    }
    isBroken = value === undefined;
  }
  return lines;
}

/** What it is between; undefined when it was never known. */
export function rangeOf(lines: readonly (readonly Point[])[]): { readonly low: number; readonly high: number } | undefined {
  const values = lines.flat().map(({ value }) => value);
  return values.length === 0 ? undefined : { low: Math.min(...values), high: Math.max(...values) };
}

import { FIRST_ID, LAST_ID } from '../base/uuid.js';

/** from <= id < to */
export interface IdRange {
  readonly from: string;
  readonly to: string;
}

/** Ranges of ids of which everything is held: sorted, apart, never empty. */
export type KnownRanges = readonly IdRange[];

export const EVERYTHING: IdRange = { from: FIRST_ID, to: LAST_ID };

export function addRange(ranges: KnownRanges, added: IdRange): KnownRanges {
  if (added.from >= added.to) return ranges;
  if (ranges.some((range) => range.from <= added.from && range.to >= added.to)) return ranges;
  let { from, to } = added;
  const apart: IdRange[] = [];
  for (const range of ranges) {
    if (range.to < from || range.from > to) {
      apart.push(range);
    } else {
      if (range.from < from) from = range.from;
      if (range.to > to) to = range.to;
    }
  }
  return [...apart, { from, to }].sort((a, b) => (a.from < b.from ? -1 : 1));
}

export function removeRange(ranges: KnownRanges, removed: IdRange): KnownRanges {
  if (removed.from >= removed.to) return ranges;
  return ranges.flatMap((range) => {
    if (range.to <= removed.from || range.from >= removed.to) return [range];
    const left = range.from < removed.from ? [{ from: range.from, to: removed.from }] : [];
    const right = range.to > removed.to ? [{ from: removed.to, to: range.to }] : [];
    return [...left, ...right];
  });
}

/** Whether everything of `wanted` is held. */
export function isKnown(ranges: KnownRanges, wanted: IdRange): boolean {
  return wanted.from >= wanted.to || ranges.some((range) => range.from <= wanted.from && range.to >= wanted.to);
}

/** From here on to now everything is held; `LAST_ID`: nothing is. */
export function heldFrom(ranges: KnownRanges): string {
  const newest = ranges.at(-1);
  return newest && newest.to >= LAST_ID ? newest.from : LAST_ID;
}

/** What is not held, in order. */
export function unknownRanges(ranges: KnownRanges, within: IdRange = EVERYTHING): IdRange[] {
  return [...ranges.reduce((rest: KnownRanges, range) => removeRange(rest, range), [within])];
}

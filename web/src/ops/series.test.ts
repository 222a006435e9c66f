import { expect, it } from 'vitest';
import { linesOf, rangeOf, SPAN_MS, withMoment, type Moment, type Series } from './series';

const MINUTE = 60_000;
const series = (...moments: Moment[]): Series => moments.reduce<Series>(withMoment, []);

it('keeps five minutes', () => {
  let kept: Series = [];
  for (let at = 0; at <= 20 * MINUTE; at += 2_000) kept = withMoment(kept, { at, sends: at });
  expect(kept).toHaveLength(SPAN_MS / 2_000);
  expect(kept[0]?.at).toBe(15 * MINUTE + 2_000);
});

it('follows a clock that was set back', () => {
  expect(series({ at: 10 * MINUTE }, { at: 11 * MINUTE }, { at: MINUTE }).map(({ at }) => at)).toEqual([MINUTE]);
});

it('ends at now and begins five minutes ago', () => {
  const [line] = linesOf(series({ at: 0.001, sends: 1 }, { at: SPAN_MS / 2, sends: 2 }, { at: SPAN_MS, sends: 4 }), 'sends');
  expect(line?.map(({ x }) => Math.round(x * 100) / 100)).toEqual([0, 0.5, 1]);
  expect(line?.map(({ value }) => value)).toEqual([1, 2, 4]);
});

it('breaks the line where nothing was known, rather than drawing what never was', () => {
  const broken = series({ at: 1, sends: 1 }, { at: 2, sends: 2 }, { at: 3 }, { at: 4, sends: 3 }, { at: 5, queueWaiting: 1 });
  expect(linesOf(broken, 'sends').map((line) => line.map(({ value }) => value))).toEqual([[1, 2], [3]]);
  expect(linesOf(broken, 'queueWaiting')).toHaveLength(1);
  expect(linesOf(broken, 'diskBytes')).toEqual([]);
});

it('says between what a figure was', () => {
  expect(rangeOf(linesOf(series({ at: 1, sends: 3 }, { at: 2 }, { at: 3, sends: 1 }), 'sends'))).toEqual({ low: 1, high: 3 });
  expect(rangeOf([])).toBeUndefined();
});

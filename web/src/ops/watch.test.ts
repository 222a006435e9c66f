import { expect, it } from 'vitest';
import { linesOf } from './series';
import { figures } from './test_figures';
import { afterReading, NOTHING_READ, type Reading, type Watch } from './watch';

const at = (seconds: number) => 50_000_000 + seconds * 1000;
const good = (seconds: number, process = 'p'): Reading => ({ at: at(seconds), figures: figures(process, seconds, { stored: seconds * 3, connections: 1 }) });
const bad = (seconds: number): Reading => ({ at: at(seconds), error: new Error('no answer') });
const watch = (...readings: Reading[]): Watch => readings.reduce(afterReading, NOTHING_READ);
const sends = (seen: Watch) => seen.series.map((moment) => moment.sends);

it('knows a rate from the second reading on', () => {
  expect(sends(watch(good(0), good(2), good(4)))).toEqual([undefined, 3, 3]);
});

it('remembers since when it knows nothing, and why', () => {
  const failing = watch(good(0), good(2), bad(4), bad(6));
  expect(failing.readAt).toBe(at(2));
  expect(failing.error).toEqual(new Error('no answer'));
  expect(watch(bad(0)).readAt).toBeUndefined();
});

it('forgets the failure with the next reading', () => {
  expect(watch(good(0), bad(2), good(4))).not.toHaveProperty('error');
});

it('gives no rate across a failure: the process may have been another meanwhile', () => {
  expect(sends(watch(good(0), good(2), bad(4), good(6), good(8)))).toEqual([undefined, 3, undefined, undefined, 3]);
});

it('draws nothing over the time in which nobody looked', () => {
  const back = watch(good(0), good(2), good(100), good(102));
  expect(linesOf(back.series, 'connections')).toHaveLength(2);
  expect(back.series.at(-1)?.sends).toBe(3);
  expect(back.series.at(-2)?.sends).toBeUndefined();
});

it('never shows a negative rate, whatever restarts', () => {
  const restarts = watch(good(10), good(12), { ...good(1, 'q'), at: at(14) }, { ...good(3, 'q'), at: at(16) }, bad(18), { ...good(7, 'r'), at: at(20) }, good(22, 'r'));
  expect(sends(restarts).every((rate) => rate === undefined || rate >= 0)).toBe(true);
});

import { expect, it } from 'vitest';
import { clockTime, dayName, fullTime, isSameDay, shortTime } from './times';

const say = (key: string) => key;
const at = (text: string) => new Date(text).getTime();

it('names the days nearby as people do', () => {
  const now = at('2026-11-26T00:10:00');
  expect(dayName(at('2026-11-26T00:05:00'), now, 'en', say)).toBe('list.today');
  expect(dayName(at('2026-11-25T23:59:00'), now, 'en', say)).toBe('list.yesterday');
  expect(dayName(at('2026-11-24T23:59:00'), now, 'en', say)).toBe('Tuesday, November 24');
  expect(dayName(at('2025-11-24T12:00:00'), now, 'en', say)).toContain('2025');
});

it('tells days apart by the wall clock, not by 24 hours', () => {
  expect(isSameDay(at('2026-11-26T00:00:00'), at('2026-11-26T23:59:59'))).toBe(true);
  expect(isSameDay(at('2026-11-25T23:59:59'), at('2026-11-26T00:00:00'))).toBe(false);
});

it('says no more of a time than is needed', () => {
  const now = at('2026-11-26T12:00:00');
  expect(shortTime(at('2026-11-26T09:05:00'), now, 'en')).toBe('09:05');
  expect(shortTime(at('2026-11-20T09:05:00'), now, 'en')).toBe('Nov 20');
});

it('counts the hours of a day from 0 to 23 everywhere', () => {
  expect(clockTime(at('2026-11-26T00:05:00'), 'en')).toBe('00:05');
  expect(fullTime(at('2026-11-26T13:07:24'), 'en')).toContain('13:07:24');
});

import { expect, it } from 'vitest';
import { bytes, count, decimal, duration, milliseconds } from './numbers';

it('shows no digits that nobody reads', () => {
  expect(count(12_345, 'en')).toBe('12,345');
  expect(count(12_345_678, 'en')).toBe('12.3M');
  expect(decimal(0, 'en')).toBe('0');
  expect(decimal(0.44, 'en')).toBe('0.4');
  expect(decimal(118.4, 'en')).toBe('118');
});

it('gives bytes the unit in which they are short', () => {
  expect(bytes(0, 'en')).toBe('0 bytes');
  expect(bytes(999, 'en')).toBe('999 bytes');
  expect(bytes(1_000, 'en')).toBe('1 kB');
  expect(bytes(1_234_567, 'en')).toBe('1.23 MB');
  expect(bytes(0.55e15, 'en')).toBe('550 TB');
});

it('tells fast commits apart', () => {
  expect(milliseconds(0.234, 'en')).toBe('0.23 ms');
  expect(milliseconds(12.7, 'en')).toBe('13 ms');
});

it('says how long in two units at most', () => {
  expect(duration(0, 'en')).toBe('0 sec');
  expect(duration(59, 'en')).toBe('59 sec');
  expect(duration(725, 'en')).toBe('12 min 5 sec');
  expect(duration(3_600, 'en')).toBe('1 hr');
  expect(duration(3 * 86_400 + 4 * 3_600 + 59, 'en')).toBe('3 days 4 hr');
});

it('speaks the language of the page', () => {
  expect(duration(3 * 86_400, 'ar')).toMatch(/أيام/);
});

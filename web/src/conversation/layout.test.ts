import { expect, it } from 'vitest';
import { layoutOf } from './layout';
import { testEntries, testMessage } from './test_entries';

const at = (text: string) => new Date(text).getTime();
const said = (id: string, time: string, more = {}) => testMessage({ id, sentAt: at(`2026-11-26T${time}`), ...more });

it('shows an author once while they go on talking', () => {
  const entries = testEntries([
    said('1', '10:00:00'), said('2', '10:01:00'), said('3', '10:02:00', { from: '@bob' }), said('4', '10:20:00', { from: '@bob' }),
  ]);
  expect([0, 1, 2, 3].map((i) => layoutOf(entries, i, undefined).startsBlock)).toEqual([true, false, true, true]);
});

it('begins anew where something has to be said about a message', () => {
  const entries = testEntries([said('1', '10:00:00'), said('2', '10:00:10', { replyTo: '1' }), said('3', '10:00:20', { late: true }), said('4', '10:00:30')]);
  expect([1, 2, 3].map((i) => layoutOf(entries, i, undefined).startsBlock)).toEqual([true, true, true]);
});

it('draws a line where a day begins, and where the unread begin', () => {
  const entries = testEntries([said('1', '23:59:00'), testMessage({ id: '2', sentAt: at('2026-11-27T00:01:00') }), testMessage({ id: '3', sentAt: at('2026-11-27T00:02:00') })]);
  expect([0, 1, 2].map((i) => layoutOf(entries, i, '3').startsDay)).toEqual([true, true, false]);
  expect(layoutOf(entries, 2, '3')).toEqual({ startsDay: false, startsNew: true, startsBlock: true });
});

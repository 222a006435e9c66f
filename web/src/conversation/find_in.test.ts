import { expect, it } from 'vitest';
import { findIn, piecesOf } from './find_in';
import { testEntries, testMessage } from './test_entries';

const entries = testEntries([
  testMessage({ id: '1', text: 'Café at nine' }), testMessage({ id: '2', text: 'صَبَاح الخير' }), testMessage({ id: '3', text: 'nine again, no coffee' }),
  testMessage({ id: '4', text: 'nine', deleted: true }),
].map((message) => (message.deleted ? { ...message, text: undefined as never } : message)));
const ids = (wanted: string) => findIn(entries, wanted).map((message) => message.id);

it('finds words, newest first, whatever their case and marks', () => {
  expect(ids('NINE')).toEqual(['3', '1']);
  expect(ids('cafe nine')).toEqual(['1']);
  expect(ids('صباح')).toEqual(['2']);
  expect(ids('  ')).toEqual([]);
});

it('cuts a text where what was found begins and ends', () => {
  const shown = (text: string, wanted: string, length = 160) => piecesOf(text, wanted, length).map((piece) => (piece.isFound ? `[${piece.text}]` : piece.text)).join('');
  expect(shown('Café at nine, cafe\u0301 at ten', 'CAFE nine')).toBe('[Café] at [nine], [cafe\u0301] at ten');
  expect(shown('صَبَاح الخير', 'صباح')).toBe('[صَبَاح] الخير');
  expect(shown('the ﬁrst 👍🏽 one', 'first one')).toBe('the [ﬁrst] 👍🏽 [one]');
  expect(shown('nothing of it', 'else')).toBe('nothing of it');
  expect(shown('', 'else')).toBe('');
  expect(shown(`${'x'.repeat(300)} needle ${'y'.repeat(300)}`, 'needle', 60)).toBe(`…${'x'.repeat(39)} [needle] ${'y'.repeat(13)}`);
});

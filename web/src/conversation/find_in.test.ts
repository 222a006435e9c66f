import { expect, it } from 'vitest';
import { findIn } from './find_in';
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

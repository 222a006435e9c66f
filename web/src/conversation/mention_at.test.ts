import { expect, it } from 'vitest';
import { mentionAt } from './mention_at';

it('sees a mention while it is typed', () => {
  expect(mentionAt('hello @al', 9)).toEqual({ start: 6, beginning: 'al' });
  expect(mentionAt('@', 1)).toEqual({ start: 0, beginning: '' });
  expect(mentionAt('hello @al and more', 9)).toEqual({ start: 6, beginning: 'al' });
});

it('takes no address for one', () => {
  expect(mentionAt('alice@example', 13)).toBeUndefined();
  expect(mentionAt('@al ', 4)).toBeUndefined();
  expect(mentionAt('hello', 5)).toBeUndefined();
});

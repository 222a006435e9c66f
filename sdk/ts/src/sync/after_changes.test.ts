import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIRST_ID, LAST_ID, nextId } from '../base/uuid.js';
import { newGroup, type Row } from '../store/records.js';
import type { Changes } from '../wire/decode.js';
import { afterChanges } from './after_changes.js';
import { isKnown } from './known_ranges.js';

const GROUP = '5f3c1d9a-8a43-5d0e-9b5f-3f8a0f0f7d11';
const id = (n: number) => `0190163d-8694-739b-aea5-${n.toString(16).padStart(12, '0')}`;
const row = (n: number): Row => ({ group: GROUP, id: id(n), from: '@bob', kind: 'text', receivedAt: n, late: false });

function page(numbers: number[], more: Partial<Changes> = {}): Changes {
  return { rows: numbers.map(row), cursor: 'next', more: false, push: true, nextPollMs: 1000, ...more };
}

test('the first page is known from its oldest message on', () => {
  const after = afterChanges(newGroup(GROUP), page([5, 6]), undefined, undefined);
  assert.deepEqual(after.known, [{ from: id(5), to: LAST_ID }]);
  assert.equal(after.cursor, 'next');
});

test('a group without messages is known as a whole', () => {
  assert.deepEqual(afterChanges(newGroup(GROUP), page([]), undefined, undefined).known, [
    { from: FIRST_ID, to: LAST_ID },
  ]);
});

test('an answer whose limit was used up before this group changes nothing', () => {
  const { cursor: _cursor, ...empty } = page([], { more: true });
  const after = afterChanges(newGroup(GROUP), empty, undefined, undefined);
  assert.deepEqual(after.known, []);
  assert.equal(after.cursor, undefined);
});

test('what was skipped is a gap, and the cursor moves on', () => {
  const first = afterChanges(newGroup(GROUP), page([5]), undefined, undefined);
  const after = afterChanges(first, page([90, 91], { skipped: { from: id(6), to: id(90) } }), 'next', id(5));
  assert.ok(isKnown(after.known, { from: id(5), to: id(6) }));
  assert.ok(!isKnown(after.known, { from: id(6), to: id(7) }));
  assert.ok(isKnown(after.known, { from: id(90), to: LAST_ID }));
});

test('after a lost cursor, what lies between the old and the new is a gap', () => {
  const first = afterChanges(newGroup(GROUP), page([5, 6]), undefined, undefined);
  const after = afterChanges(first, page([90]), undefined, id(6));
  assert.deepEqual(after.known, [
    { from: id(5), to: nextId(id(6)) },
    { from: id(90), to: LAST_ID },
  ]);
});

test('a message of long ago that arrives now leaves ranges as they are', () => {
  const first = afterChanges(newGroup(GROUP), page([50, 51]), undefined, undefined);
  assert.deepEqual(afterChanges(first, page([2]), 'next', id(51)).known, first.known);
});

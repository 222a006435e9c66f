import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeOf } from '../base/uuid.js';
import type { OutboxRecord, Row } from '../store/records.js';
import { present, type Surroundings } from './present.js';

const GROUP = '5f3c1d9a-8a43-5d0e-9b5f-3f8a0f0f7d11';
/** Ids a second apart. */
const id = (n: number) =>
  `${(0x0190163d8694 + n * 1000)
    .toString(16)
    .padStart(12, '0')
    .replace(/(.{8})/, '$1-')}-7000-8000-000000000000`;

const row = (n: number, more: Partial<Row> = {}): Row => ({
  group: GROUP,
  id: id(n),
  from: '@bob',
  kind: 'text',
  receivedAt: 0,
  late: false,
  text: 'said',
  ...more,
});
const amendment = (n: number, more: Partial<Row>): Row => row(n, { target: id(0), ...more });
const around = (more: Partial<Surroundings> = {}): Surroundings => ({
  self: '@alice',
  amendments: [],
  pending: [],
  isCovered: true,
  ...more,
});

function pendingItem(content: OutboxRecord['content'], state: OutboxRecord['state'] = 'waiting'): OutboxRecord {
  return { key: 'k', version: 1, id: id(9), to: GROUP, content, correctionMs: 0, state, attempts: 0 };
}

test('the later sent edit wins, in whatever order they come', () => {
  const [first, second] = [amendment(1, { kind: 'edit', text: 'one' }), amendment(2, { kind: 'edit', text: 'two' })];
  for (const amendments of [
    [first, second],
    [second, first],
  ]) {
    const message = present(row(0), around({ amendments }));
    assert.equal(message.text, 'two');
    assert.equal(message.editedAt, timeOf(second.id));
  }
});

test('an edit that history had worked in beats an earlier one, and yields to a later one', () => {
  const applied = row(0, { text: 'two', applied: { editedAt: timeOf(id(2)), reactions: [] } });
  assert.equal(present(applied, around({ amendments: [amendment(1, { kind: 'edit', text: 'one' })] })).text, 'two');
  assert.equal(present(applied, around({ amendments: [amendment(3, { kind: 'edit', text: 'three' })] })).text, 'three');
});

test('delete beats edit, and leaves no body', () => {
  const amendments = [amendment(1, { kind: 'delete' }), amendment(2, { kind: 'edit', text: 'again' })];
  const message = present(row(0, { links: ['https://example.org'], metadata: { a: 1 } }), around({ amendments }));
  assert.equal(message.deleted, true);
  assert.deepEqual([message.text, message.metadata, message.links, message.reactions], [undefined, undefined, [], []]);
});

test('each person counts once an emoji, by their last word', () => {
  const reaction = (n: number, from: Row['from'], more: Partial<Row> = {}) =>
    amendment(n, { kind: 'reaction', from, emoji: '🎉', ...more });
  const amendments = [
    reaction(3, '@bob', { remove: true }),
    reaction(1, '@bob'),
    reaction(2, '@alice'),
    reaction(4, '@alice'),
    reaction(5, '@carol'),
  ];
  assert.deepEqual(present(row(0), around({ amendments })).reactions, [{ emoji: '🎉', count: 2, me: true }]);
});

test('where not all rows are held, what history said counts', () => {
  const applied = row(0, { applied: { reactions: [{ emoji: '👍', count: 7, me: false }] } });
  const amendments = [amendment(1, { kind: 'reaction', emoji: '👍' })];
  assert.equal(present(applied, around({ amendments, isCovered: false })).reactions[0]?.count, 7);
  assert.equal(present(applied, around({ amendments, isCovered: true })).reactions[0]?.count, 1);
});

test("one's own amendments show at once, and no more when they were refused", () => {
  const target = id(0);
  const waiting = around({
    pending: [
      pendingItem({ kind: 'edit', target, text: 'better' }),
      pendingItem({ kind: 'reaction', target, emoji: '🎉' }),
    ],
  });
  const message = present(row(0), waiting);
  assert.equal(message.text, 'better');
  assert.deepEqual(message.reactions, [{ emoji: '🎉', count: 1, me: true }]);
  assert.equal(message.amending, true);
  assert.equal(message.amendProblem, undefined);
  const problem = { code: 'forbidden', status: 403, title: 'No.', detail: 'Too late.' } as const;
  const refused = present(
    row(0),
    around({ pending: [{ ...pendingItem({ kind: 'edit', target, text: 'better' }, 'refused'), problem }] }),
  );
  assert.equal(refused.text, 'said');
  assert.equal(refused.amending, false);
  assert.deepEqual(refused.amendProblem, { key: 'k', kind: 'edit', code: 'forbidden', detail: 'Too late.' });
});

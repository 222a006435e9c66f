import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deleteDB } from 'idb';
import { EVERYTHING } from '../sync/known_ranges.js';
import { IndexedDbStore } from './indexed_db_store.js';
import { MemoryStore } from './memory_store.js';
import { type Mirror, OverlayStore } from './overlay_store.js';
import { EMPTY_META, type GroupRecord, newGroup, type OutboxRecord, type Row } from './records.js';
import { type Change, ClearedError, type Committed, type Store, StoreError } from './store.js';

const GROUP = '5f3c1d9a-8a43-5d0e-9b5f-3f8a0f0f7d11';
const id = (n: number) => `0190163d-8694-739b-aea5-${n.toString(16).padStart(12, '0')}`;

export function row(n: number, more: Partial<Row> = {}): Row {
  return {
    group: GROUP,
    id: id(n),
    from: '@alice',
    kind: 'text',
    receivedAt: n,
    late: false,
    text: `text ${n}`,
    ...more,
  };
}

function group(more: Partial<GroupRecord> = {}): GroupRecord {
  return { ...newGroup(GROUP), ...more };
}

/** A store whose disk is full from the nth change on. */
class FullStore extends MemoryStore {
  constructor(private left: number) {
    super();
  }

  override async commit(change: Change): Promise<Committed> {
    if (this.left-- <= 0) throw new StoreError('quota-exceeded', 'full');
    return super.commit(change);
  }
}

const NOTHING = { meta: EMPTY_META, groups: [], outbox: [], people: [] };
const nothing: Mirror = { mirror: NOTHING, salvage: () => NOTHING };

let databases = 0;
const kinds: Record<string, () => Promise<Store>> = {
  memory: async () => new MemoryStore(),
  indexeddb: () => IndexedDbStore.open(`store-test-${databases++}`),
  'overlay of a good store': async () => new OverlayStore(new MemoryStore(), assert.fail, nothing),
  'overlay of a full store': async () => new OverlayStore(new FullStore(0), () => {}, nothing),
  'overlay of a store that becomes full': async () => new OverlayStore(new FullStore(1), () => {}, nothing),
};

for (const [kind, open] of Object.entries(kinds)) {
  describe(kind, () => {
    test('rows come back in sent order, from either end, within the range', async () => {
      const store = await open();
      await store.commit({ rows: [3, 1, 9].map((n) => row(n)) });
      await store.commit({ rows: [7, 2].map((n) => row(n)) });
      const numbers = (rows: Row[]) => rows.map((found) => found.receivedAt);
      assert.deepEqual(numbers(await store.rows(GROUP, EVERYTHING, 10, 'oldest')), [1, 2, 3, 7, 9]);
      assert.deepEqual(numbers(await store.rows(GROUP, EVERYTHING, 2, 'oldest')), [1, 2]);
      assert.deepEqual(numbers(await store.rows(GROUP, EVERYTHING, 2, 'newest')), [7, 9]);
      const part = { from: id(2), to: id(9) };
      assert.deepEqual(numbers(await store.rows(GROUP, part, 2, 'newest')), [3, 7]);
      assert.deepEqual(await store.ids(GROUP, part), [2, 3, 7].map(id));
      assert.deepEqual(numbers(await store.rowsById(GROUP, [id(7), id(8), id(1)])).sort(), [1, 7]);
      await store.close();
    });

    test('a message that comes again is not new, and keeps what is known of it', async () => {
      const store = await open();
      const first = await store.commit({ rows: [row(1)] });
      assert.deepEqual([...first.added], [id(1)]);
      const applied = { editedAt: 5, reactions: [{ emoji: '🎉', count: 1, me: false }] };
      await store.commit({ rows: [row(1, { text: 'edited', applied })] });
      const again = await store.commit({ rows: [row(1), row(2), row(2)] });
      assert.deepEqual([...again.added], [id(2)]);
      const [held] = await store.rowsById(GROUP, [id(1)]);
      assert.equal(held?.text, 'edited');
      assert.deepEqual(held?.applied, applied);
    });

    test('deleted stays deleted', async () => {
      const store = await open();
      await store.commit({ rows: [row(1)] });
      await store.commit({ rows: [row(1, { deleted: true })] });
      await store.commit({ rows: [row(1)] });
      const [held] = await store.rowsById(GROUP, [id(1)]);
      assert.equal(held?.deleted, true);
      assert.equal(held?.text, undefined);
    });

    test("a group that is removed takes its rows with it, and no other's", async () => {
      const store = await open();
      const other = '6f3c1d9a-8a43-5d0e-9b5f-3f8a0f0f7d11';
      await store.commit({ groups: new Map([[GROUP, () => group()]]), rows: [row(1), row(2, { group: other })] });
      await store.commit({ groups: new Map([[GROUP, () => undefined]]) });
      assert.deepEqual((await store.start()).groups, []);
      if (!kind.includes('becomes')) assert.deepEqual(await store.ids(GROUP, EVERYTHING), []);
      assert.deepEqual(await store.ids(other, EVERYTHING), [id(2)]);
    });

    test('a change of a group or an item that is not held changes nothing', async () => {
      const store = await open();
      const { groups } = await store.commit({ rows: [row(1)], groups: new Map([[GROUP, (held) => held]]) });
      assert.equal(groups.size, 0);
      const { outbox } = await store.commit({ outbox: new Map([['none', (held) => held]]) });
      assert.equal(outbox.size, 0);
      assert.deepEqual(await store.ids(GROUP, EVERYTHING), [id(1)]);
    });

    test('groups, outbox, people and meta are there at the next start', async () => {
      const store = await open();
      const item: OutboxRecord = {
        key: 'k',
        version: 1,
        id: id(1),
        to: '@bob',
        content: { kind: 'text', text: 'hi' },
        correctionMs: 0,
        state: 'waiting',
        attempts: 0,
      };
      const person = { id: id(9), name: 'bob', displayName: 'Bob', service: false, metadata: {} };
      await store.commit({
        groups: new Map([
          [
            GROUP,
            (held) => {
              assert.equal(held, undefined);
              return group({ cursor: 'c' });
            },
          ],
        ]),
        outbox: new Map([['k', () => item]]),
        meta: (meta) => ({ ...meta, correctionMs: 7 }),
        people: [person],
      });
      await store.commit({ outbox: new Map([['k', (held) => held && { ...held, attempts: held.attempts + 1 }]]) });
      const start = await store.start();
      assert.equal(start.groups[0]?.cursor, 'c');
      assert.deepEqual(start.outbox, [{ ...item, attempts: 1 }]);
      assert.deepEqual(start.people, [person]);
      assert.equal(start.meta.correctionMs, 7);
      await store.commit({ outbox: new Map([['k', () => undefined]]) });
      assert.deepEqual((await store.start()).outbox, []);
      const epoch = await store.clear();
      const { meta, ...rest } = await store.start();
      assert.deepEqual(rest, { groups: [], outbox: [], people: [] });
      assert.deepEqual({ ...meta, correctionMs: 0 }, { ...EMPTY_META, epoch });
    });

    test('what was begun before the store was emptied is refused, and what has come since is not emptied with it', async () => {
      const store = await open();
      const before = store.commit({ epoch: 0, rows: [row(1)], groups: new Map([[GROUP, () => group()]]) });
      const epoch = await store.clear();
      await before.catch((error: unknown) => assert.ok(error instanceof ClearedError));
      await assert.rejects(store.commit({ epoch: 0, rows: [row(2)] }), ClearedError);
      assert.deepEqual(await store.ids(GROUP, EVERYTHING), []);
      await store.commit({ epoch, rows: [row(3)] });
      assert.equal(await store.clear(epoch), epoch);
      assert.deepEqual(await store.ids(GROUP, EVERYTHING), [id(3)]);
      assert.equal(await store.clear(), epoch + 1);
      assert.deepEqual(await store.ids(GROUP, EVERYTHING), []);
    });
  });
}

test('a change of which a part fails leaves nothing behind', async () => {
  const store = await IndexedDbStore.open(`store-test-${databases++}`);
  const refuse = (): GroupRecord => {
    throw new Error('no');
  };
  await assert.rejects(store.commit({ rows: [row(1)], groups: new Map([[GROUP, refuse]]) }), StoreError);
  assert.deepEqual(await store.ids(GROUP, EVERYTHING), []);
  const notClonable = group({ known: [() => {}] as never });
  await assert.rejects(store.commit({ rows: [row(1)], groups: new Map([[GROUP, () => notClonable]]) }), StoreError);
  assert.deepEqual(await store.ids(GROUP, EVERYTHING), []);
});

test('when the disk is full it says so once, and kept and new are read together', async () => {
  const said: string[] = [];
  const below = new FullStore(1);
  const store = new OverlayStore(below, (reason) => said.push(reason), nothing);
  await store.commit({ rows: [row(1)], groups: new Map([[GROUP, () => group({ cursor: 'old' })]]) });
  const change = (n: number): Change => ({
    rows: [row(1), row(n)],
    groups: new Map([[GROUP, (held) => ({ ...held!, cursor: `${held!.cursor}+${n}` })]]),
  });
  const [second] = await Promise.all([store.commit(change(2)), store.commit(change(3))]);
  assert.deepEqual([...second.added], [id(2)]);
  assert.deepEqual(said, ['quota-exceeded']);
  assert.deepEqual(await store.ids(GROUP, EVERYTHING), [1, 2, 3].map(id));
  assert.equal((await store.start()).groups[0]?.cursor, 'old+2+3');
  // What a reload would find: the older state, whole.
  assert.equal((await below.start()).groups[0]?.cursor, 'old');
  assert.deepEqual(await below.ids(GROUP, EVERYTHING), [id(1)]);
});

test('memory keeps the newest messages of a group, and no longer says that it knows the others', async () => {
  const store = new MemoryStore(undefined, 100);
  await store.commit({ groups: new Map([[GROUP, () => group({ known: [EVERYTHING] })]]) });
  for (let n = 0; n < 100; n++) await store.commit({ rows: [row(n)] });
  assert.equal((await store.ids(GROUP, EVERYTHING)).length, 100);
  const { groups } = await store.commit({ rows: [row(100)] });
  assert.deepEqual(
    await store.ids(GROUP, EVERYTHING),
    Array.from({ length: 50 }, (_, n) => id(n + 51)),
  );
  assert.deepEqual(groups.get(GROUP)?.known, [{ from: id(51), to: EVERYTHING.to }]);
});

test('a connection that the browser has ended is opened anew, and what was under way is done', async () => {
  const name = `store-test-${databases++}`;
  const store = await IndexedDbStore.open(name);
  await store.commit({ rows: [row(1)], meta: (meta) => ({ ...meta, version: 1 }) });
  endConnection(store);
  const committed = await Promise.all([2, 3].map((n) => store.commit({ rows: [row(n)] })));
  assert.deepEqual(
    committed.flatMap(({ added }) => [...added]),
    [2, 3].map(id),
  );
  endConnection(store);
  assert.deepEqual(await store.ids(GROUP, EVERYTHING), [1, 2, 3].map(id));
  await store.close();
  await assert.rejects(store.commit({ rows: [row(4)] }), StoreError);
});

test('a database that was emptied under the client is given up, and what waits in the outbox goes on in memory', async () => {
  const name = `store-test-${databases++}`;
  const below = await IndexedDbStore.open(name);
  const meta = { ...EMPTY_META, version: 1 };
  const item = { key: 'k', version: 1 } as OutboxRecord;
  const mirror = { ...NOTHING, meta, outbox: [item] };
  const said: string[] = [];
  const store = new OverlayStore(below, (reason) => said.push(reason), { mirror, salvage: () => mirror });
  await store.commit({ meta: () => meta, outbox: new Map([['k', () => item]]) });
  endConnection(below);
  await deleteDB(name);
  const { outbox } = await store.commit({ outbox: new Map([['k', (held) => held && { ...held, attempts: 1 }]]) });
  assert.equal(outbox.get('k')?.attempts, 1);
  assert.equal(said[0], 'failed');
  assert.deepEqual((await store.start()).outbox, [{ ...item, attempts: 1 }]);
});

// What a browser does when its storage process ends.
function endConnection(store: IndexedDbStore): void {
  (store as unknown as { database: { close(): void } }).database.close();
}

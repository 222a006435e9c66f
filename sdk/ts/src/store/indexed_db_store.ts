import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { GroupId, MessageId } from '../public/ids.js';
import type { Person } from '../public/people.js';
import type { IdRange } from '../sync/known_ranges.js';
import {
  clearedMeta,
  EMPTY_META,
  epochOf,
  type GroupRecord,
  type Meta,
  type OutboxRecord,
  type Row,
} from './records.js';
import {
  type Change,
  ClearedError,
  type Committed,
  mergeRows,
  type StartState,
  type Store,
  StoreError,
} from './store.js';

const VERSION = 1;

interface Schema extends DBSchema {
  meta: { key: 'meta'; value: Meta };
  groups: { key: GroupId; value: GroupRecord };
  outbox: { key: string; value: OutboxRecord };
  people: { key: string; value: Person };
  rows: { key: [GroupId, MessageId]; value: Row };
}

const STORES = ['meta', 'groups', 'outbox', 'people', 'rows'] as const;

/** Keeps everything in IndexedDB, shared by all tabs. One change is one transaction. */
export class IndexedDbStore implements Store {
  private reopening?: Promise<void>;
  private isClosed = false;

  private constructor(
    private readonly name: string,
    private database: IDBPDatabase<Schema>,
  ) {}

  static open(name: string): Promise<IndexedDbStore> {
    return asStoreErrors(async () => new IndexedDbStore(name, await openDatabase(name)));
  }

  start(): Promise<StartState> {
    return this.reaching(async () => {
      const reading = this.database.transaction(['meta', 'groups', 'outbox', 'people']);
      const [meta, groups, outbox, people] = await Promise.all([
        reading.objectStore('meta').get('meta'),
        reading.objectStore('groups').getAll(),
        reading.objectStore('outbox').getAll(),
        reading.objectStore('people').getAll(),
      ]);
      return { meta: meta ?? EMPTY_META, groups, outbox, people };
    });
  }

  commit(change: Change): Promise<Committed> {
    return this.reaching(async () => {
      const writing = this.database.transaction(STORES, 'readwrite');
      try {
        const committed = await this.write(writing, change);
        await writing.done;
        return committed;
      } catch (error) {
        writing.done.catch(() => {}); // it says the same as `error`
        try {
          writing.abort();
        } catch {
          // It has ended already.
        }
        throw error;
      }
    });
  }

  rows(group: GroupId, range: IdRange, limit: number, end: 'newest' | 'oldest'): Promise<Row[]> {
    return this.reaching(async () => {
      const keys = keyRange(group, range);
      if (!keys || limit <= 0) return [];
      if (end === 'oldest') return this.database.getAll('rows', keys, limit);
      const reading = this.database.transaction('rows');
      if (hasDirection(reading.store))
        return (await reading.store.getAll({ query: keys, count: limit, direction: 'prev' })).reverse();
      // A cursor is a round trip a row: one leap finds where the newest begin.
      const cursor = await reading.store.openKeyCursor(keys, 'prev');
      if (!cursor) return [];
      const first = limit === 1 ? cursor : await cursor.advance(limit - 1);
      return reading.store.getAll(first ? IDBKeyRange.bound(first.key, keys.upper, false, true) : keys);
    });
  }

  rowsById(group: GroupId, ids: readonly MessageId[]): Promise<Row[]> {
    return this.reaching(async () => {
      const rows = this.database.transaction('rows').store;
      const found = await Promise.all(ids.map((id) => rows.get([group, id])));
      return found.filter((row): row is Row => row !== undefined);
    });
  }

  ids(group: GroupId, range: IdRange): Promise<MessageId[]> {
    return this.reaching(async () => {
      const keys = keyRange(group, range);
      return keys ? (await this.database.getAllKeys('rows', keys)).map(([, id]) => id) : [];
    });
  }

  clear(epoch?: number): Promise<number> {
    return this.reaching(async () => {
      const writing = this.database.transaction(STORES, 'readwrite');
      const meta = (await writing.objectStore('meta').get('meta')) ?? EMPTY_META;
      const next = epoch ?? epochOf(meta) + 1;
      if (epochOf(meta) >= next) return epochOf(meta);
      for (const name of STORES) void quietly(writing.objectStore(name).clear());
      void quietly(writing.objectStore('meta').put(clearedMeta(meta, next), 'meta'));
      await writing.done;
      return next;
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.database.close();
  }

  // A browser may end a connection at any time. What failed with it has changed nothing, and is done again with a new one.
  private reaching<T>(work: () => Promise<T>): Promise<T> {
    return asStoreErrors(async () => {
      try {
        return await work();
      } catch (error) {
        if (error instanceof ClearedError || this.isConnected()) throw error;
        if (this.isClosed && !this.reopening) throw error;
      }
      this.reopening ??= this.reopen();
      await this.reopening;
      return work();
    });
  }

  private isConnected(): boolean {
    try {
      this.database.transaction('meta').done.catch(() => {});
      return true;
    } catch {
      return false;
    }
  }

  // Once: a database that can't be opened, or that was emptied under us, is given up.
  private async reopen(): Promise<void> {
    this.isClosed = true;
    const database = await openDatabase(this.name);
    if ((await database.get('meta', 'meta')) === undefined) {
      database.close();
      throw new StoreError('failed', 'The database was emptied.');
    }
    this.database = database;
    this.isClosed = false;
    delete this.reopening;
  }

  // Nothing but requests of this transaction may be awaited here: it would end.
  private async write(writing: Writing, change: Change): Promise<Committed> {
    if (change.epoch !== undefined) {
      const held = (await writing.objectStore('meta').get('meta')) ?? EMPTY_META;
      if (change.epoch !== epochOf(held)) throw new ClearedError();
    }
    const rows = writing.objectStore('rows');
    const come = change.rows ?? [];
    const held = await Promise.all(come.map((row) => rows.get([row.group, row.id])));
    // The same row may come twice in one change.
    const merged = new Map<string, Row>();
    const added = new Set<MessageId>();
    come.forEach((row, i) => {
      const key = row.group + row.id;
      const before = merged.get(key) ?? held[i];
      if (!before) added.add(row.id);
      merged.set(key, mergeRows(before, row));
    });
    for (const row of merged.values()) void quietly(rows.put(row));

    const groups = new Map<GroupId, GroupRecord | undefined>();
    for (const [id, update] of change.groups ?? []) {
      const heldGroup = await writing.objectStore('groups').get(id);
      const record = update(heldGroup);
      if (!record && !heldGroup) continue;
      groups.set(id, record);
      if (record) {
        void quietly(writing.objectStore('groups').put(record));
      } else {
        void quietly(writing.objectStore('groups').delete(id));
        void quietly(rows.delete(IDBKeyRange.bound([id], [id, []])));
      }
    }
    const outbox = new Map<string, OutboxRecord | undefined>();
    for (const [key, update] of change.outbox ?? []) {
      const heldItem = await writing.objectStore('outbox').get(key);
      const item = update(heldItem);
      if (!item && !heldItem) continue;
      outbox.set(key, item);
      void quietly(item ? writing.objectStore('outbox').put(item) : writing.objectStore('outbox').delete(key));
    }
    for (const person of change.people ?? []) void quietly(writing.objectStore('people').put(person));
    let meta: Meta | undefined;
    if (change.meta) {
      meta = change.meta((await writing.objectStore('meta').get('meta')) ?? EMPTY_META);
      void quietly(writing.objectStore('meta').put(meta, 'meta'));
    }
    return { rows: [...merged.values()], added, groups, outbox, people: change.people ?? [], ...(meta && { meta }) };
  }
}

function openDatabase(name: string): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(name, VERSION, {
    upgrade(fresh) {
      fresh.createObjectStore('meta');
      fresh.createObjectStore('groups', { keyPath: 'id' });
      fresh.createObjectStore('outbox', { keyPath: 'key' });
      fresh.createObjectStore('people', { keyPath: 'name' });
      fresh.createObjectStore('rows', { keyPath: ['group', 'id'] });
    },
    // A newer version of the page waits in another tab: it must not wait for ever.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
}

type Writing = ReturnType<typeof writingOf>;
function writingOf(database: IDBPDatabase<Schema>) {
  return database.transaction(STORES, 'readwrite');
}

interface NewestFirst {
  getAll(options: { query: IDBKeyRange; count: number; direction: 'prev' }): Promise<Row[]>;
}

/** Whether getAll can begin at the newer end: in browsers that came with getAllRecords, which the types do not know yet. */
function hasDirection(store: object): store is NewestFirst {
  return 'getAllRecords' in store;
}

function keyRange(group: GroupId, range: IdRange): IDBKeyRange | undefined {
  if (range.from >= range.to) return undefined;
  return IDBKeyRange.bound([group, range.from], [group, range.to], false, true);
}

// A request that fails aborts its transaction, and `done` says why; nobody waits for the request itself.
function quietly(request: Promise<unknown>): Promise<unknown> {
  return request.catch(() => {});
}

async function asStoreErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreError || error instanceof ClearedError) throw error;
    const name = error instanceof Error || error instanceof DOMException ? error.name : '';
    throw new StoreError(name === 'QuotaExceededError' ? 'quota-exceeded' : 'failed', error);
  }
}

import { callSafely } from '../base/cell.js';
import type { Tabs } from '../platform/tabs.js';
import type { GroupId } from '../public/ids.js';
import type { Person } from '../public/people.js';
import { ProblemError } from '../public/problem.js';
import { EMPTY_META, type GroupRecord, type Meta, type OutboxRecord } from './records.js';
import type { Change, Committed, Store } from './store.js';

export type CommitListener = (committed: Committed) => void;

/**
 * The store, with all but messages mirrored in memory, and the other tabs told of each change. The mirror is what the
 * rest of the client reads; it changes when a change is in the store, never before.
 */
export class LocalData {
  meta: Meta = EMPTY_META;
  readonly groups = new Map<GroupId, GroupRecord>();
  /** In the order of commits. */
  outbox: ReadonlyMap<string, OutboxRecord> = new Map();
  readonly people = new Map<string, Person>();
  private readonly removedFromOutbox = new Set<string>();
  private readonly listeners = new Set<CommitListener>();
  private readonly clearListeners = new Set<() => void>();
  private readonly committing = new Set<Promise<Committed>>();
  private isClosed = false;

  constructor(
    readonly store: Store,
    private readonly tabs: Tabs,
    /** False when the store has gone on in this tab's memory. */
    private readonly isStoreShared: () => boolean,
  ) {}

  /** Fills the mirror. Also for a tab that was frozen for long and may have missed what others told. */
  async start(): Promise<void> {
    const start = await this.store.start();
    this.meta = start.meta;
    this.groups.clear();
    for (const group of start.groups) this.groups.set(group.id, group);
    this.outbox = new Map(start.outbox.map((item) => [item.key, item]));
    for (const person of start.people) this.people.set(person.name, person);
  }

  /** Rejects once the client was closed: another one may have begun on what the store holds. */
  commit(change: Change): Promise<Committed> {
    if (this.isClosed)
      return Promise.reject(new ProblemError({ code: 'closed', status: 0, title: 'The client was closed.' }));
    const committing = this.commitNow(change);
    this.committing.add(committing);
    const done = () => void this.committing.delete(committing);
    committing.then(done, done);
    return committing;
  }

  /** Takes no more changes, and resolves when those under way are made. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.allSettled(this.committing);
    await this.store.close();
  }

  private async commitNow(change: Change): Promise<Committed> {
    const committed = await this.store.commit({
      ...change,
      ...(change.groups && { groups: versioned(change.groups) }),
      ...(change.outbox && { outbox: versioned(change.outbox) }),
      ...(change.meta && { meta: (held) => ({ ...change.meta!(held), version: held.version + 1 }) }),
    });
    this.apply(committed);
    if (this.tabs.shared) this.tabs.post({ type: 'committed', committed, shared: this.isStoreShared() });
    return committed;
  }

  /**
   * Takes over what another tab has where this one does not read it: in its memory, or in the shared store when this tab
   * has gone on in memory. It must be in the store of each, and is there before it is shown: a sender may begin on it.
   */
  async absorb(committed: Committed): Promise<void> {
    const { rows, groups, outbox, meta, people } = committed;
    try {
      await this.store.commit({
        rows,
        groups: new Map([...groups].map(([id, record]) => [id, newerOf(record)])),
        outbox: new Map(
          [...outbox].filter(([key]) => !this.removedFromOutbox.has(key)).map(([key, item]) => [key, newerOf(item)]),
        ),
        ...(meta && { meta: (held) => (meta.version > held.version ? meta : held) }),
        people,
      });
    } finally {
      this.apply(committed);
    }
  }

  /** Takes over a change, of this tab or told by another. */
  apply(committed: Committed): void {
    for (const [id, record] of committed.groups) {
      if (!record) this.groups.delete(id);
      else if (record.version > (this.groups.get(id)?.version ?? 0)) this.groups.set(id, record);
    }
    if (committed.outbox.size > 0) this.applyOutbox(committed.outbox);
    if (committed.meta && committed.meta.version > this.meta.version) this.meta = committed.meta;
    for (const person of committed.people) this.people.set(person.name, person);
    for (const listener of this.listeners) callSafely(() => listener(committed));
  }

  /** Forgets everything, here and in the other tabs. */
  async clear(): Promise<void> {
    await this.store.clear();
    this.forget();
    this.tabs.post({ type: 'cleared' });
  }

  forget(): void {
    this.meta = EMPTY_META;
    this.groups.clear();
    this.outbox = new Map();
    this.people.clear();
    for (const listener of this.clearListeners) callSafely(listener);
  }

  onCommit(listener: CommitListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  onClear(listener: () => void): () => void {
    this.clearListeners.add(listener);
    return () => void this.clearListeners.delete(listener);
  }

  private applyOutbox(changes: Committed['outbox']): void {
    const items = new Map(this.outbox);
    let isInOrder = true;
    const last = [...items.keys()].at(-1) ?? '';
    for (const [key, item] of changes) {
      if (!item) {
        items.delete(key);
        this.removedFromOutbox.add(key);
      } else if (!this.removedFromOutbox.has(key) && item.version > (items.get(key)?.version ?? 0)) {
        if (!items.has(key) && key < last) isInOrder = false;
        items.set(key, item);
      }
    }
    this.outbox = isInOrder ? items : new Map([...items].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** A removal is final; of two versions the newer one stays, whichever comes first. */
function newerOf<T extends { readonly version: number }>(come: T | undefined): (held: T | undefined) => T | undefined {
  return (held) => (come && held && held.version >= come.version ? held : come);
}

type Updates<Id, T> = ReadonlyMap<Id, (held: T | undefined) => T | undefined>;

function versioned<Id, T extends { readonly version: number }>(updates: Updates<Id, T>): Updates<Id, T> {
  return new Map(
    [...updates].map(([id, update]) => [
      id,
      (held: T | undefined) => {
        const next = update(held);
        return next && { ...next, version: (held?.version ?? 0) + 1 };
      },
    ]),
  );
}

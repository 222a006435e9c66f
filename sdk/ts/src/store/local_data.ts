import { callSafely } from '../base/cell.js';
import type { Tabs } from '../platform/tabs.js';
import type { GroupId } from '../public/ids.js';
import type { Person } from '../public/people.js';
import { ProblemError } from '../public/problem.js';
import { clearedMeta, EMPTY_META, epochOf, type GroupRecord, type Meta, type OutboxRecord } from './records.js';
import type { Mirror } from './overlay_store.js';
import { type Change, ClearedError, type Committed, type StartState, type Store } from './store.js';

export type CommitListener = (committed: Committed) => void;

/**
 * The store, with all but messages mirrored in memory, and the other tabs told of each change. The mirror is what the
 * rest of the client reads; it changes when a change is in the store, never before.
 */
export class LocalData implements Mirror {
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
    if (epochOf(start.meta) < this.epoch) return; // it was emptied while it was read
    this.meta = start.meta;
    this.groups.clear();
    for (const group of start.groups) this.groups.set(group.id, group);
    this.outbox = new Map(start.outbox.map((item) => [item.key, item]));
    for (const person of start.people) this.people.set(person.name, person);
  }

  /** All that is known without the store. */
  get mirror(): StartState {
    const { meta, groups, outbox, people } = this;
    return { meta, groups: [...groups.values()], outbox: [...outbox.values()], people: [...people.values()] };
  }

  /** The disk is out of reach: what is known goes on without its rows, so no cursor and no range stands for any. */
  salvage(): StartState {
    for (const [id, { cursor: _cursor, ...held }] of this.groups) {
      this.groups.set(id, { ...held, version: held.version + 1, known: [], more: false, repairing: false });
    }
    return this.mirror;
  }

  /** How often the store was emptied. Whoever has asked for one person's data passes on in which epoch that was. */
  get epoch(): number {
    return epochOf(this.meta);
  }

  /**
   * Rejects with `signed-out` when the store was emptied since `epoch`, here or by another tab, and with `closed` once the
   * client was closed: another one may have begun on what the store holds.
   */
  commit(change: Omit<Change, 'epoch'>, epoch = this.epoch): Promise<Committed> {
    if (this.isClosed)
      return Promise.reject(new ProblemError({ code: 'closed', status: 0, title: 'The client was closed.' }));
    const committing = this.commitNow(change, epoch);
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

  private async commitNow(change: Change, epoch: number): Promise<Committed> {
    const committing = this.store.commit({
      ...change,
      epoch,
      ...(change.groups && { groups: versioned(change.groups) }),
      ...(change.outbox && { outbox: versioned(change.outbox) }),
      ...(change.meta && { meta: (held) => ({ ...change.meta!(held), version: held.version + 1 }) }),
    });
    const committed = await committing.catch((error: unknown) => {
      throw error instanceof ClearedError ? signedOut() : error;
    });
    // Emptied between the change and its answer.
    if (epoch !== this.epoch) throw signedOut();
    this.apply(committed);
    if (this.tabs.shared) this.tabs.post({ type: 'committed', committed, shared: this.isStoreShared(), epoch });
    return committed;
  }

  /**
   * Takes over what another tab has where this one does not read it: in its memory, or in the shared store when this tab
   * has gone on in memory. It must be in the store of each, and is there before it is shown: a sender may begin on it.
   */
  async absorb(committed: Committed, epoch: number): Promise<void> {
    const { rows, groups, outbox, meta, people } = committed;
    try {
      await this.store.commit({
        epoch,
        rows,
        groups: new Map([...groups].map(([id, record]) => [id, newerOf(record)])),
        outbox: new Map(
          [...outbox].filter(([key]) => !this.removedFromOutbox.has(key)).map(([key, item]) => [key, newerOf(item)]),
        ),
        ...(meta && { meta: (held) => (meta.version > held.version ? meta : held) }),
        people,
      });
    } finally {
      if (epoch === this.epoch) this.apply(committed);
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
    const epoch = await this.store.clear();
    this.forget(epoch);
    this.tabs.post({ type: 'cleared', epoch });
  }

  /** Another tab has emptied the store, as of `epoch`: what this one keeps apart from it goes too. */
  async heardCleared(epoch: number): Promise<void> {
    if (epoch <= this.epoch) return;
    this.forget(epoch);
    if (!this.isStoreShared()) await this.store.clear(epoch);
  }

  private forget(epoch: number): void {
    this.meta = clearedMeta(this.meta, epoch);
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

function signedOut(): ProblemError {
  return new ProblemError({ code: 'signed-out', status: 0, title: 'Who began this has signed out.' });
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

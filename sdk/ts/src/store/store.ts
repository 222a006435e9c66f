import type { GroupId, MessageId } from '../public/ids.js';
import type { Person } from '../public/people.js';
import type { IdRange } from '../sync/known_ranges.js';
import type { GroupRecord, Meta, OutboxRecord, Row } from './records.js';

/** What is read at the start: everything but messages. */
export interface StartState {
  readonly meta: Meta;
  readonly groups: readonly GroupRecord[];
  readonly outbox: readonly OutboxRecord[];
  readonly people: readonly Person[];
}

/**
 * A change, made as a whole or not at all. That is what keeps cursors honest: a cursor and the rows that it stands for
 * are in one change.
 */
export interface Change {
  /** The change is rejected with ClearedError unless the store is in this epoch. */
  readonly epoch?: number;
  readonly rows?: readonly Row[];
  /**
   * Given what the store holds, what it shall hold; undefined removes the group with its rows. Nothing for nothing is no
   * change: it is not among what was committed, so that no other tab takes it for a removal.
   */
  readonly groups?: ReadonlyMap<GroupId, (held: GroupRecord | undefined) => GroupRecord | undefined>;
  /** The same by key; another tab may have been faster. */
  readonly outbox?: ReadonlyMap<string, (held: OutboxRecord | undefined) => OutboxRecord | undefined>;
  readonly meta?: (held: Meta) => Meta;
  readonly people?: readonly Person[];
}

/** What a change has made: the same for this tab and, by message, for the others. */
export interface Committed {
  /** Rows as they are now, and which of them are new to the store. */
  readonly rows: readonly Row[];
  readonly added: ReadonlySet<MessageId>;
  readonly groups: ReadonlyMap<GroupId, GroupRecord | undefined>;
  readonly outbox: ReadonlyMap<string, OutboxRecord | undefined>;
  readonly meta?: Meta;
  readonly people: readonly Person[];
}

/** Keeps a client's data. Promises reject with StoreError, and `commit` with ClearedError, only. */
export interface Store {
  start(): Promise<StartState>;
  commit(change: Change): Promise<Committed>;
  /** Rows of a group within a range, in sent order: at most `limit` of them, from the newer or the older end. */
  rows(group: GroupId, range: IdRange, limit: number, end: 'newest' | 'oldest'): Promise<Row[]>;
  rowsById(group: GroupId, ids: readonly MessageId[]): Promise<Row[]>;
  /** Sorted. */
  ids(group: GroupId, range: IdRange): Promise<MessageId[]>;
  /**
   * Removes everything and answers with the epoch that has begun. With `epoch`: unless that one, or a later one, has begun
   * already.
   */
  clear(epoch?: number): Promise<number>;
  close(): Promise<void>;
}

/** The store was emptied since the change was begun: it is of somebody who has signed out. */
export class ClearedError extends Error {
  constructor() {
    super('The store was emptied meanwhile.');
    this.name = 'ClearedError';
  }
}

export class StoreError extends Error {
  constructor(
    readonly reason: 'quota-exceeded' | 'failed',
    cause: unknown,
  ) {
    super(`The store failed: ${String(cause)}`, { cause });
    this.name = 'StoreError';
  }
}

/** What becomes of a row that is held when the same message comes again, perhaps on another way. */
export function mergeRows(held: Row | undefined, come: Row): Row {
  if (!held) return come;
  const deleted = held.deleted || come.deleted;
  const applied = come.applied ?? held.applied;
  // A page of history holds the edited text; what sync brought is the original, and the edit is a row of its own.
  const base = come.applied?.editedAt !== undefined || !held.applied ? come : held;
  const { text: _text, links: _links, ciphertext: _ciphertext, metadata: _metadata, ...bare } = base;
  return {
    ...(deleted ? bare : base),
    receivedAt: Math.min(held.receivedAt, come.receivedAt),
    ...(deleted && { deleted }),
    ...(applied && { applied }),
  };
}

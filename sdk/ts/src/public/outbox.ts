import type { GroupId, MessageId, TimeMs, UserReference } from './ids.js';
import type { Problem } from './problem.js';
import type { Readable } from './readable.js';

/** One message to one target that the server has not confirmed, or has refused. */
export interface OutboxItem {
  /** Names the item; stays the same whatever happens. */
  readonly key: string;
  readonly id: MessageId;
  readonly to: UserReference | GroupId;
  /** Unknown only for a person never written to before, until the first answer. */
  readonly group?: GroupId;
  readonly kind: 'text' | 'edit' | 'delete' | 'reaction' | 'opaque';
  readonly text?: string;
  /** Edits, deletes and reactions: which message they amend. */
  readonly target?: MessageId;
  readonly committedAt: TimeMs;
  readonly state: 'waiting' | 'sending' | 'refused';
  readonly attempts: number;
  /** Of the last attempt. */
  readonly problem?: Problem;
  /** On the clock of this machine; absent when it is tried at once or waits for an earlier message of its group. */
  readonly nextTryAt?: number;
}

export interface OutboxSnapshot {
  /** In the order in which they were committed. */
  readonly items: readonly OutboxItem[];
}

/**
 * What was committed and is not confirmed. It survives a reload and never gives up: no answer, a 5xx, 429 or 408 mean
 * "again later, with the same id"; only a definite refusal stops an item, and nothing but the user removes it. The
 * order within a group is kept; groups do not wait for each other. A refused item lets those behind it pass.
 */
export interface Outbox {
  readonly snapshot: Readable<OutboxSnapshot>;
  /** Tries a refused item again, or a waiting one at once. */
  retry(key: string): Promise<void>;
  /** Gives up a refused or waiting item. False: too late, it may have been sent. */
  discard(key: string): Promise<boolean>;
}

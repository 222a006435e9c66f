import type { PostRule, Role } from '../public/group.js';
import type { GroupId, MessageId, TimeMs, UserReference } from '../public/ids.js';
import type { Problem } from '../public/problem.js';
import type { Me } from '../public/session.js';
import type { Comparison } from '../public/trust.js';
import type { KnownRanges } from '../sync/known_ranges.js';

/** What the store holds. Plain data: it goes through structured clone, to the disk and to other tabs. */

export type Kind = 'text' | 'edit' | 'delete' | 'reaction' | 'opaque';

/** A message as the server holds it; amendments are rows of their own. */
export interface Row {
  readonly group: GroupId;
  readonly id: MessageId;
  readonly from: UserReference;
  readonly kind: Kind;
  readonly receivedAt: TimeMs;
  readonly late: boolean;
  readonly text?: string;
  readonly links?: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly mentions?: readonly UserReference[];
  readonly replyTo?: MessageId;
  readonly target?: MessageId;
  readonly emoji?: string;
  readonly remove?: boolean;
  readonly ciphertext?: string;
  readonly scheme?: string;
  readonly deleted?: boolean;
  /**
   * From pages of history only: what amendments had made of it when the page was read. Used where not all amendments
   * are held as rows, that is, while there is a gap between the message and now.
   */
  readonly applied?: Applied;
}

export interface Applied {
  readonly editedAt?: TimeMs;
  readonly reactions: readonly { readonly emoji: string; readonly count: number; readonly me: boolean }[];
}

export interface GroupRecord {
  readonly id: GroupId;
  /** Grows with each change: what another tab tells late does not undo what is newer. */
  readonly version: number;
  readonly kind: 'direct' | 'group';
  readonly name?: string;
  readonly peer?: UserReference;
  readonly exists: boolean;
  /** The server was asked and knows no such group, or not for oneself. Means nothing once it exists. */
  readonly unknown?: boolean;
  readonly gone: boolean;
  readonly size: number;
  readonly role: Role;
  /** Absent until the group's details were read: the status does not tell it. */
  readonly post?: PostRule;
  readonly push: boolean;
  readonly lastUpdated: TimeMs;
  readonly unread: number;
  readonly mentions: number;
  /** What was received up to then is in these two numbers, by the server's count. */
  readonly countedUpTo: TimeMs;
  /** The newest text or opaque row, amendments applied as far as they were known. */
  readonly lastRow?: Row;
  /** Where this client stands on the arrival axis. It is written together with the rows that it stands for, or not at all. */
  readonly cursor?: string;
  /** The last answer said `more`: the cursor is not one that a read mark may take. */
  readonly more: boolean;
  /** Up to where the user has read, and up to where the server was told so. */
  readonly readWanted?: string;
  readonly readTold?: string;
  readonly known: KnownRanges;
  readonly comparison?: Comparison;
  /** The comparison was unequal and what is missing is being looked for. */
  readonly repairing: boolean;
  readonly repaired: number;
}

/** A group of which nothing is known but its id. */
export function newGroup(id: GroupId): GroupRecord {
  return {
    id,
    version: 0,
    kind: 'group',
    exists: true,
    gone: false,
    size: 0,
    role: 'member',
    push: true,
    lastUpdated: 0,
    unread: 0,
    mentions: 0,
    countedUpTo: 0,
    more: false,
    known: [],
    repairing: false,
    repaired: 0,
  };
}

/** Nobody knows of it: neither the server, nor oneself as the direct group to come. */
export function isUnknown(record: GroupRecord | undefined): boolean {
  return record?.unknown === true && !record.exists && record.peer === undefined;
}

/** What the outbox sends, without its target. */
export type Content =
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly links?: readonly string[];
      readonly metadata?: Readonly<Record<string, unknown>>;
      readonly mentions?: readonly UserReference[];
      readonly replyTo?: MessageId;
    }
  | {
      readonly kind: 'opaque';
      readonly ciphertext: string;
      readonly scheme: string;
      readonly metadata?: Readonly<Record<string, unknown>>;
      readonly mentions?: readonly UserReference[];
      readonly replyTo?: MessageId;
    }
  | { readonly kind: 'edit'; readonly target: MessageId; readonly text: string }
  | { readonly kind: 'delete'; readonly target: MessageId }
  | { readonly kind: 'reaction'; readonly target: MessageId; readonly emoji: string; readonly remove?: boolean };

/** One message to one target. A send to several targets is several records with one id: each target is judged alone. */
export interface OutboxRecord {
  /** The id at commit and the number of the target. Sorted by key, records stand in the order of their commits. */
  readonly key: string;
  /** As in GroupRecord. */
  readonly version: number;
  readonly id: MessageId;
  readonly to: UserReference | GroupId;
  readonly group?: GroupId;
  readonly content: Content;
  /** What the clock was corrected by when the id was minted. */
  readonly correctionMs: number;
  /** `stored`: acknowledged; the record goes when sync has brought the row. */
  readonly state: 'waiting' | 'refused' | 'stored';
  readonly attempts: number;
  readonly problem?: Problem;
  readonly receivedAt?: TimeMs;
  readonly late?: boolean;
}

export interface StoredSession {
  readonly id: string;
  readonly accessToken: string;
  /** On the server's clock. */
  readonly expiresAt: TimeMs;
  readonly refreshToken: string;
}

/** What there is one of. */
export interface Meta {
  readonly version: number;
  /** How often the store was emptied; absent: never. What was begun before has no place in it. */
  readonly epoch?: number;
  /** Whose data this is. Stays after the session ended, so that the same person finds it again. */
  readonly me?: Me;
  readonly session?: StoredSession;
  readonly signedOut?: 'by-user' | 'ended-by-server';
  readonly correctionMs: number;
  readonly statusCursor?: string;
  /** All pages of a first status were read. */
  readonly statusComplete: boolean;
  /** When this store first synced; what was received before is history rather than news. */
  readonly begunAt?: TimeMs;
}

export const EMPTY_META: Meta = { version: 0, correctionMs: 0, statusComplete: false };

export function epochOf(meta: Meta): number {
  return meta.epoch ?? 0;
}

/** What is left when the store was emptied: what is known of this machine's clock is nobody's. */
export function clearedMeta({ correctionMs }: Meta, epoch: number): Meta {
  return { ...EMPTY_META, correctionMs, epoch };
}

import type { GroupSummary } from './group.js';
import type { GroupId, MessageId, TimeMs } from './ids.js';
import type { Draft, Message, OpaqueDraft } from './message.js';
import type { Readable } from './readable.js';
import type { Problem } from './problem.js';
import type { Trust } from './trust.js';

export interface MessageEntry {
  readonly type: 'message';
  /** For React. The message's id: it changes only if a clock turns out to be wrong before the first attempt to send. */
  readonly key: string;
  readonly message: Message;
}

/**
 * Messages between two others that the client does not have. Show it as such ("messages missing here") and call
 * `fillGap` when it comes into view.
 */
export interface GapEntry {
  readonly type: 'gap';
  readonly key: string;
  /** from <= id < to */
  readonly from: MessageId;
  readonly to: MessageId;
  readonly loading: boolean;
  /** Why the last attempt to fill it failed. */
  readonly problem?: Problem;
}

export type Entry = MessageEntry | GapEntry;

/**
 * An immutable list in sent order. A change makes a new list that shares all but the touched chunk with the old one, so
 * a snapshot costs little however long the conversation is. Entries that did not change are the same objects.
 */
export interface EntryList extends Iterable<Entry> {
  readonly length: number;
  /** Undefined outside 0 … length − 1. */
  at(index: number): Entry | undefined;
  /** A copy of a part, for what is on the screen. */
  slice(from: number, to: number): Entry[];
  /** Where the entry of that id is, or -1. */
  indexOf(id: MessageId): number;
  /** Where a message of that id would stand: the number of entries before it. */
  position(id: MessageId): number;
}

export interface ConversationSnapshot {
  readonly id: GroupId;
  /** Absent until the group is known. */
  readonly group?: GroupSummary;
  /** Messages (pending ones where they were said) and gaps, oldest first. */
  readonly entries: EntryList;
  /** True until the newest messages were read from the store. */
  readonly loading: boolean;
  /** Older messages exist before the first entry: call `loadOlder`. */
  readonly hasOlder: boolean;
  readonly loadingOlder: boolean;
  /** Why the last `loadOlder` failed. */
  readonly olderProblem?: Problem;
  /**
   * The newest is being looked for on the server for the first time since the conversation was opened. False for a direct
   * group that does not exist yet: there is nothing to look for.
   */
  readonly refreshing: boolean;
  /**
   * The first message that was unread when the conversation was opened, as far as it is loaded; for the "new" line.
   * It stays until all handles of the group are closed.
   */
  readonly firstUnread?: MessageId;
  readonly trust: Trust;
  /** The server was asked and has no such group, or one is no member of it. What is not known yet is not `unknown`. */
  readonly unknown: boolean;
  /** Oneself is no longer a member, or the group was deleted: what is held may be read, nothing can be sent. */
  readonly gone: boolean;
}

/**
 * One group, open on screen. Opening reads the newest messages from the store at once and syncs the group; while any
 * conversation object of a group is open it is polled as `next_poll_ms` says where the server does not push.
 */
export interface Conversation extends Readable<ConversationSnapshot> {
  readonly id: GroupId;

  /** Commits a message: it shows at once and is sent when it can be. Resolves when it is in the store. */
  send(draft: Draft): Promise<MessageId>;
  sendOpaque(draft: OpaqueDraft): Promise<MessageId>;
  edit(target: MessageId, text: string): Promise<MessageId>;
  delete(target: MessageId): Promise<MessageId>;
  react(target: MessageId, emoji: string, remove?: boolean): Promise<MessageId>;

  /** About `count` (50) older messages, from the store or else the server. Resolves also when it failed. */
  loadOlder(count?: number): Promise<void>;
  /** Fills a gap, its newer end first, by one page. Resolves also when it failed. */
  fillGap(gap: GapEntry): Promise<void>;
  /** Makes sure that a message and its surroundings are held (a reply's original, a link). False: there is none. */
  loadAround(id: MessageId): Promise<boolean>;
  /** Jumps to a date: the first message sent at that time or later, held with its surroundings. Undefined: none is. */
  loadAt(time: TimeMs): Promise<MessageId | undefined>;
  /** Everything that arrived so far is read. Cheap to call often; nothing is sent when nothing is new. */
  markRead(): Promise<void>;
  /** Asks for a comparison of all that is held with the server, and for its repair; `trust` tells how it went. */
  check(): Promise<void>;

  /** Ends the watching. The object is of no use afterwards. */
  close(): void;
}

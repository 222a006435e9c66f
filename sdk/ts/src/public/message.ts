import type { GroupId, MessageId, TimeMs, UserReference } from './ids.js';
import type { Problem, ProblemCode } from './problem.js';

/** Where one's own message stands. Everybody else's are `stored`. */
export type Delivery =
  /** In the outbox; sent when it is its turn and there is a network. */
  | 'waiting'
  /** On its way. */
  | 'sending'
  /** On the server, for ever. */
  | 'stored'
  /** The server said no (`problem` says why). It stays until it is retried or discarded. */
  | 'refused';

export interface Reaction {
  readonly emoji: string;
  readonly count: number;
  /** Oneself is among them. */
  readonly me: boolean;
}

/** One's own edit, delete or reaction of a message that the server refused. The message shows as if it had not been. */
export interface AmendProblem {
  /** Of the outbox's item: `outbox.retry` tries it again, `outbox.discard` gives it up. */
  readonly key: string;
  readonly kind: 'edit' | 'delete' | 'reaction';
  readonly code: ProblemCode;
  readonly detail?: string;
}

/** A message as it is shown: edits, deletes and reactions are worked in, one's own pending ones too. Immutable. */
export interface Message {
  readonly id: MessageId;
  readonly group: GroupId;
  readonly from: UserReference;
  readonly kind: 'text' | 'opaque';
  readonly sentAt: TimeMs;
  /** When the server received it; absent while it is pending. */
  readonly receivedAt?: TimeMs;
  /** It arrived more than 5 s after it was sent. */
  readonly late: boolean;
  /** Absent when opaque or deleted. */
  readonly text?: string;
  readonly links: readonly string[];
  readonly mentions: readonly UserReference[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly replyTo?: MessageId;
  /** Opaque messages: base64, and how it was encrypted. */
  readonly ciphertext?: string;
  readonly scheme?: string;
  readonly editedAt?: TimeMs;
  /** Then it has no body. */
  readonly deleted: boolean;
  readonly reactions: readonly Reaction[];
  readonly delivery: Delivery;
  /** Why it was refused; for `waiting`, why the last attempt failed. */
  readonly problem?: Problem;
  /** Oneself wrote it. */
  readonly mine: boolean;
  /** One's own edit, delete or reaction of it waits in the outbox. */
  readonly amending: boolean;
  /** The last of one's own amendments of it that were refused. It stays until it is retried or discarded. */
  readonly amendProblem?: AmendProblem;
}

/** What one writes. Limits (10,000 code points and so on) are the API's; see docs/api/openapi.yaml. */
export interface Draft {
  readonly text: string;
  readonly links?: readonly string[];
  readonly mentions?: readonly UserReference[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly replyTo?: MessageId;
}

/** End-to-end encrypted bytes. */
export interface OpaqueDraft {
  readonly ciphertext: string;
  readonly scheme: string;
  readonly mentions?: readonly UserReference[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly replyTo?: MessageId;
}

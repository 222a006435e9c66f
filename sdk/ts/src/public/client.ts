import type { Conversation } from './conversation.js';
import type { Groups } from './group.js';
import type { GroupId, MessageId, UserReference } from './ids.js';
import type { Draft, Message } from './message.js';
import type { Operation } from './operation.js';
import type { Outbox } from './outbox.js';
import type { People } from './people.js';
import type { Readable } from './readable.js';
import type { ConnectionState, DeviceSession, Me, OwnStatus, SessionState, StorageState } from './session.js';

export interface ClientOptions {
  /** Where the server is, e.g. `http://127.0.0.1:7400`; in a page, `location.origin`. */
  readonly url: string;
  /** `indexeddb` where there is one, else `memory`. */
  readonly storage?: 'indexeddb' | 'memory';
  /** Name of the database; another one is another device. Default `tidings`. */
  readonly database?: string;
  /** Shown in the list of sessions. */
  readonly device?: string;
  /** How often watched people's presence is asked for. Default 60 s. */
  readonly presenceIntervalMs?: number;
}

/** A message that arrived by sync: new to this client, by arrival. Late ones too; one's own from other devices too. */
export interface Arrival {
  readonly message: Message;
  /** It came with the first sync of its group on this client: history rather than news. */
  readonly initial: boolean;
}

/**
 * A client of one server for one person or service.
 *
 * All tabs of a page make their own client on the same database: one of them, chosen by Web Locks, sends, syncs and
 * holds the socket; the others show what it finds, and take its place when it goes. In each of them everything works.
 *
 * Nothing here throws because of a network or a server. Promises are rejected with ProblemError only.
 */
export interface Client {
  readonly session: Readable<SessionState>;
  readonly connection: Readable<ConnectionState>;
  readonly storage: Readable<StorageState>;
  readonly groups: Groups;
  readonly people: People;
  readonly outbox: Outbox;
  /** For accounts with the admin role. */
  readonly operation: Operation;

  /** Resolves when the store was read: `session` is then no longer `starting`, and the groups are there. */
  readonly ready: Promise<void>;

  signUp(name: string, password: string, displayName?: string): Promise<void>;
  signIn(name: string, password: string): Promise<void>;
  /** For services: signs in with a key, `tdg_…`. It is kept in memory only. */
  signInWithKey(key: string): Promise<void>;
  /**
   * Ends the session on the server (best effort) and forgets everything in the store. With `keep`, messages and outbox
   * stay for the next sign-in of the same person.
   */
  signOut(options?: { keep?: boolean }): Promise<void>;

  sessions(): Promise<DeviceSession[]>;
  endSession(id: string): Promise<void>;
  changePassword(oldPassword: string, newPassword: string): Promise<void>;
  changeMe(patch: Partial<Pick<Me, 'displayName' | 'acceptsDirect' | 'metadata'>>): Promise<void>;
  setStatus(status: OwnStatus, text?: string): Promise<void>;
  /** Asks again who is signed in, for what others may have changed: another device, an operator. `session` shows it. */
  readMe(): Promise<void>;
  /** Ends the account for ever. */
  endAccount(): Promise<void>;

  /** Opens a group. Each call is an object of its own, with its own `close`; they share what they hold. */
  open(group: GroupId): Conversation;

  /**
   * Commits one message to one or more targets without opening them. Resolves with its id when it is in the store;
   * it is sent when it can be.
   */
  send(to: UserReference | GroupId | readonly (UserReference | GroupId)[], draft: Draft): Promise<MessageId>;

  /**
   * Calls back with each message that arrives in any group, for bots and for desktop notifications. Only text and
   * opaque messages, and only in the tab that does the work, so that nobody is told twice. Returns the function that
   * ends it.
   */
  onArrival(listener: (arrival: Arrival) => void): () => void;

  /** Tries everything that waits now: the network is back, the page is visible again. */
  wake(): void;

  /** Stops all work and closes the store. */
  close(): Promise<void>;
}

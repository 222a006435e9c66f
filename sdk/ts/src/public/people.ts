import type { TimeMs, UserReference } from './ids.js';
import type { Readable } from './readable.js';

/** Somebody's profile. */
export interface Person {
  readonly id: string;
  /** Bare: `bob`. */
  readonly name: string;
  readonly displayName: string;
  readonly service: boolean;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export type ShownStatus = 'online' | 'away' | 'busy' | 'offline';

export interface Presence {
  /** Absent for people one shares no group with. */
  readonly status?: ShownStatus;
  readonly statusText?: string;
  readonly lastSeen?: TimeMs;
  /** When it was asked. */
  readonly at: TimeMs;
}

/** Who is known, by reference. Profiles come from the store and are asked for once a session. */
export interface PeopleSnapshot {
  readonly people: ReadonlyMap<UserReference, Person>;
  readonly presence: ReadonlyMap<UserReference, Presence>;
}

export interface People {
  readonly snapshot: Readable<PeopleSnapshot>;
  /** Asks for a profile: from the store if it is there, else the server. Rejects with `unknown-user`. */
  find(user: UserReference): Promise<Person>;
  /**
   * Keeps the presence of these people in the snapshot fresh (asked for together, every `presenceIntervalMs`), until
   * the returned function is called. The last 100 that were wished for win.
   */
  watch(users: readonly UserReference[]): () => void;
  block(user: UserReference): Promise<void>;
  unblock(user: UserReference): Promise<void>;
}

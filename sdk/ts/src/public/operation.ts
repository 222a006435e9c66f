import type { GroupId, TimeMs, UserReference } from './ids.js';

/**
 * What one process of the server does. Behind a balancer each reading may be of another one: rates are between two
 * readings of the same `process`. On a cluster an API worker (`api`) holds neither sockets nor the store: what it can't
 * know is 0.
 */
export interface Figures {
  /** Its role, machine and port, and what no other life of it has. */
  readonly process: string;
  readonly role: 'serve' | 'api';
  readonly serverTime: TimeMs;
  readonly version: string;
  readonly upSeconds: number;
  /** So far, as all that says so: it only grows while the process lives. Messages, once a target. */
  readonly stored: number;
  /** So far: requests that were answered 429. */
  readonly throttled: number;
  /** So far: notification frames that named changed groups. 0 from `api`. */
  readonly changedSent: number;
  /** Dirty groups that wait, of the whole cluster. */
  readonly queueWaiting: number;
  /** Claims in flight, of the whole cluster. */
  readonly queueLeased: number;
  /** WebSockets included. */
  readonly connections: number;
  /** 0 from `api`. */
  readonly sockets: number;
  /** So far: of the store; from `api`, calls of Cassandra that were answered, reads too. */
  readonly commits: number;
  /** So far: what they took together, in microseconds. */
  readonly commitUs: number;
  /** 0 from `api`. */
  readonly storeDiskBytes: number;
  /** An estimate; 0 from `api`. */
  readonly storeMessages: number;
  /** Those with most messages in the last one to two minutes, the busiest first; at most 10. */
  readonly busyGroups: readonly BusyGroup[];
}

export interface BusyGroup {
  readonly id: GroupId;
  readonly perMinute: number;
}

/** An account of a person or a service, as operators see it. */
export interface Account {
  /** Bare: `alice`. */
  readonly name: string;
  readonly displayName: string;
  readonly service: boolean;
  readonly disabled: boolean;
  readonly admin: boolean;
  /** Its owner has ended it, for ever. */
  readonly ended: boolean;
  readonly createdAt: TimeMs;
  readonly lastSeen: TimeMs;
}

/** By name, at most 100. */
export interface AccountPage {
  readonly accounts: readonly Account[];
  /** What the next page comes after; absent when there is none. */
  readonly next?: string;
}

export interface ServiceKey {
  readonly id: string;
  /** Whether it may store messages older than 30 days. */
  readonly import: boolean;
  /** Sends per seconds, as `100/10`; absent: the default of services. */
  readonly rate?: string;
  readonly createdAt: TimeMs;
  readonly revokedAt?: TimeMs;
}

export interface Service {
  /** Bare. */
  readonly name: string;
  readonly disabled: boolean;
  readonly keys: readonly ServiceKey[];
}

/** By name, at most 100. It may hold few, or none, while there are more. */
export interface ServicePage {
  readonly services: readonly Service[];
  /** What the next page comes after; absent when there is none. */
  readonly next?: string;
}

export interface KeyRequest {
  /** Bare. The service is made if there is none of that name. */
  readonly name: string;
  readonly import?: boolean;
  /** So many sends in so many seconds; absent: the default of services. */
  readonly rate?: { readonly count: number; readonly seconds: number };
}

export interface NewKey {
  readonly name: string;
  /** Its id. */
  readonly key: string;
  /** The secret, `tdg_…`. The server keeps a hash of it only: nobody sees it again. */
  readonly token: string;
}

/**
 * For operators: what the server does, its accounts and the keys of its services. Everybody else is refused with
 * `forbidden`. An account gets the admin role on the server's machine, by `tidings admin account admin NAME`.
 */
export interface Operation {
  figures(signal?: AbortSignal): Promise<Figures>;
  /** People and services whose names come after `after` (the `next` of a page), or from the first on. */
  accounts(after?: string): Promise<AccountPage>;
  /**
   * A disabled account is signed out everywhere within 5 s and can't sign in until it is enabled. Doing it again is a
   * success. Rejects with `unknown-user`, and with `forbidden` for one's own account.
   */
  setDisabled(user: UserReference, disabled: boolean): Promise<Account>;
  /** Services whose names come after `after`, or from the first on, with all their keys. */
  services(after?: string): Promise<ServicePage>;
  /**
   * Makes a key. Not tried again when the answer was lost (`unreachable`): there may then be a key that nobody knows,
   * which `services` shows and `revokeKey` ends. Rejects with `name-taken` when a person has the name.
   */
  createKey(request: KeyRequest): Promise<NewKey>;
  /** The key is refused everywhere within 5 s. Rejects with `unknown-user`. */
  revokeKey(service: UserReference, key: string): Promise<void>;
}

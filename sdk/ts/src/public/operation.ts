import type { GroupId, TimeMs, UserReference } from './ids.js';

/**
 * What one process of the server does. Behind a balancer each reading may be of another one: rates are between two
 * readings of the same `process`.
 */
export interface Figures {
  /** Which process answered, and in which of its lives: another one after each start. */
  readonly process: string;
  readonly serverTime: TimeMs;
  readonly version: string;
  readonly upSeconds: number;
  /** So far, as all that says so: it only grows while the process lives. Messages, once a target. */
  readonly stored: number;
  /** So far: requests that were answered 429. */
  readonly throttled: number;
  /** So far: notification frames that named changed groups. */
  readonly changedSent: number;
  /** Dirty groups that wait. */
  readonly queueWaiting: number;
  /** Claims in flight. */
  readonly queueLeased: number;
  /** WebSockets included. */
  readonly connections: number;
  readonly sockets: number;
  /** So far: of the store. */
  readonly commits: number;
  /** So far: what they took together, in microseconds. */
  readonly commitUs: number;
  readonly storeDiskBytes: number;
  /** An estimate. */
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
  /** There may be others after the last. */
  readonly more: boolean;
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

/** By name, at most 100. */
export interface ServicePage {
  readonly services: readonly Service[];
  /** There may be others after the last. */
  readonly more: boolean;
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
  /** People and services whose names come after `after`, or from the first on. */
  accounts(after?: string): Promise<AccountPage>;
  /**
   * A disabled account is signed out everywhere within 5 s and can't sign in until it is enabled. Doing it again is a
   * success. Rejects with `unknown-user`.
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

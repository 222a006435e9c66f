import type { TimeMs } from './ids.js';
import type { Problem } from './problem.js';

/** Why there is no session. */
export type SignedOutReason =
  /** Nobody has signed in with this store yet. */
  | 'never-signed-in'
  /** `signOut` was called, here or in another tab. */
  | 'by-user'
  /** The server ended it: revoked, password changed elsewhere, account ended, key withdrawn. */
  | 'ended-by-server';

/**
 * Who is signed in. When the server ends the session the state becomes `signed-out` with the reason, while messages,
 * cursors and the outbox stay in the store: the same person signs in again and everything goes on. Somebody else who
 * signs in gets an empty store.
 */
export type SessionState =
  /** The store is being read. Lasts milliseconds and needs no network. */
  | { readonly state: 'starting' }
  | { readonly state: 'signed-out'; readonly reason: SignedOutReason; readonly lastName?: string }
  | { readonly state: 'signed-in'; readonly me: Me; readonly sessionId?: string };

export type OwnStatus = 'auto' | 'online' | 'away' | 'busy' | 'invisible';

/** The profile of who is signed in. */
export interface Me {
  readonly id: string;
  /** Bare: `alice`. */
  readonly name: string;
  readonly displayName: string;
  readonly service: boolean;
  /** Whether `operation` lets them in, as far as this session has heard: it was so at sign-in, at the last change, or at `readMe`. */
  readonly admin: boolean;
  readonly acceptsDirect: 'everyone' | 'nobody';
  readonly status: OwnStatus;
  readonly statusText: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** One signed-in device, as the list of sessions shows it. */
export interface DeviceSession {
  readonly id: string;
  readonly device: string;
  readonly createdAt: TimeMs;
  readonly lastSeen: TimeMs;
  /** The one that asks. */
  readonly current: boolean;
}

/** How the client is connected. */
export interface ConnectionState {
  /**
   * `connected` - the socket is open and the first pull after it was made
   * `polling`   - calls are answered, but there is no socket
   * `connecting`- nothing is known yet
   * `offline`   - the last calls were not answered, or not with what was asked for; tried again at `nextTryAt`
   * `idle`      - nobody is signed in, or another tab does the work (then it shows that tab's state)
   */
  readonly state: 'connected' | 'polling' | 'connecting' | 'offline' | 'idle';
  /** On the clock of this machine (`Date.now()`); for "trying again in 5 s". */
  readonly nextTryAt?: number;
  /** Why it is `offline`: no network is `unreachable`; a proxy that answers in the server's place is `nonsense`. */
  readonly problem?: Problem;
  /** Server's clock minus this machine's; 0 until the first answer. More than a minute is worth a word to the user. */
  readonly clockCorrectionMs: number;
  /** The server told us to slow down until then (on the clock of this machine). */
  readonly throttledUntil?: number;
}

/** Where things are kept. */
export interface StorageState {
  /** `memory` in Node, where the browser refuses IndexedDB, or after its quota was exceeded. */
  readonly kind: 'indexeddb' | 'memory';
  /** False: what is new will be gone after a reload; worth a word to the user. Messages stay on the server. */
  readonly durable: boolean;
  readonly reason?: 'quota-exceeded' | 'not-available' | 'failed';
}

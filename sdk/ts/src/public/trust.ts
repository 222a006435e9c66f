import type { MessageId, TimeMs } from './ids.js';

/** Count and sum of ids, as the API's digest has it. */
export interface DigestSide {
  readonly count: number;
  /** 32 hex digits. */
  readonly sum: string;
}

/** The last comparison of what this client holds of a group with what the server holds. */
export interface Comparison {
  readonly at: TimeMs;
  /** The range of ids, from <= id < to; `to` null: no end. */
  readonly from: MessageId;
  readonly to: MessageId | null;
  readonly local: DigestSide;
  readonly server: DigestSide;
  readonly equal: boolean;
}

/** What the client can prove about a group. */
export interface Trust {
  /**
   * `unchecked` - nothing was compared yet
   * `complete`  - the last comparison was equal: in its range nothing is missing
   * `repairing` - it was unequal; the missing messages are being found and fetched
   * `differs`   - it is still unequal after a repair (tried again later)
   */
  readonly state: 'unchecked' | 'complete' | 'repairing' | 'differs';
  readonly last?: Comparison;
  /** How many messages, amendments included, repairs have brought of this group. */
  readonly repaired: number;
}

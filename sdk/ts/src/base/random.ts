import { randomBytes } from '@noble/hashes/utils';

/** Chance, so that tests can seed it. */
export interface Random {
  bytes(count: number): Uint8Array;
  /** 0 <= x < 1 */
  fraction(): number;
}

export const systemRandom: Random = {
  bytes: (count) => randomBytes(count),
  fraction: () => Math.random(),
};

import type { Random } from '../base/random.js';

/** The same chance for the same seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { fraction, bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(fraction() * 256)) };
}

/** A seed for this run, printed so that a failure can be repeated with TIDINGS_TEST_SEED. */
export function testSeed(what: string): number {
  const given = process.env['TIDINGS_TEST_SEED'];
  const seed = given ? Number(given) : Math.floor(Math.random() * 2 ** 32);
  console.log(`${what}: seed ${seed}`);
  return seed;
}

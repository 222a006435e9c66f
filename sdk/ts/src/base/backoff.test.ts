import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../testing/seeded_random.js';
import { Backoff } from './backoff.js';

test('waits grow, stay within their bound however long it fails, and begin anew after a success', () => {
  const backoff = new Backoff(seededRandom(7), 500, 30_000);
  for (let failure = 0; failure < 2_000; failure++) {
    const whole = Math.min(30_000, 500 * 2 ** failure);
    const wait = backoff.next();
    assert.ok(wait >= whole / 2 && wait <= whole, `failure ${failure}: ${wait}`);
  }
  backoff.reset();
  assert.ok(backoff.next() <= 500);
});

test('clients that fail together do not come back together', () => {
  const waits = new Set(Array.from({ length: 50 }, (_, seed) => new Backoff(seededRandom(seed), 500, 30_000).next()));
  assert.ok(waits.size > 45);
});

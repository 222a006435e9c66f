import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerClock } from '../base/server_clock.js';
import { timeOf } from '../base/uuid.js';
import { ManualClock } from '../testing/manual_clock.js';
import { seededRandom } from '../testing/seeded_random.js';
import { Minter } from './minter.js';

const ALICE = '5f3c1d9a-8a43-4d0e-9b5f-3f8a0f0f7d11';

function minter() {
  const clock = new ManualClock();
  return { clock, minter: new Minter(new ServerClock(clock), seededRandom(1)) };
}

test('ids of one moment stand in the order in which they were minted', () => {
  const { minter: one } = minter();
  const ids = Array.from({ length: 500 }, () => one.mint(ALICE));
  assert.deepEqual([...ids].sort(), ids);
});

test('an answer stands behind what it answers, but never far ahead of the clock', () => {
  const { clock, minter: one } = minter();
  assert.equal(timeOf(one.mint(ALICE, clock.now() + 1_500)), clock.now() + 1_501);
  const { clock: other, minter: another } = minter();
  assert.equal(timeOf(another.mint(ALICE, other.now() + 60_000)), other.now() + 2_000);
});

test('a clock that was set back does not keep ids in the future', () => {
  const { clock, minter: one } = minter();
  one.mint(ALICE);
  clock.step(-7_200_000);
  assert.ok(timeOf(one.mint(ALICE)) <= clock.now() + 2_000);
});

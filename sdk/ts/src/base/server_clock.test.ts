import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../testing/manual_clock.js';
import { ServerClock } from './server_clock.js';

const TWO_HOURS = 2 * 60 * 60 * 1000;

test("a clock that is two hours wrong tells the server's time after one answer", async () => {
  for (const error of [TWO_HOURS, -TWO_HOURS]) {
    const clock = new ManualClock();
    const server = new ServerClock(clock);
    server.observe(clock.now() - error, clock.now());
    assert.equal(server.now(), clock.now() - error);
    clock.step(TWO_HOURS); // somebody sets it right, or wrong
    server.observe(clock.now() - error - TWO_HOURS, clock.now());
    assert.equal(server.now(), clock.now() - error - TWO_HOURS);
  }
});

test('slow answers do not make it wander', async () => {
  const clock = new ManualClock();
  const server = new ServerClock(clock);
  server.observe(clock.now() + 5_000, clock.now());
  const began = clock.now();
  await clock.advance(3_000);
  server.observe(began + 5_000 + 2_990, began);
  assert.equal(server.correctionMs, 5_000);
});

test('what an earlier run knew holds until the server speaks', () => {
  const clock = new ManualClock();
  const server = new ServerClock(clock);
  server.restore(-TWO_HOURS);
  assert.equal(server.now(), clock.now() - TWO_HOURS);
  assert.equal(server.isFresh, false);
  server.observe(clock.now(), clock.now());
  server.restore(-TWO_HOURS);
  assert.equal(server.now(), clock.now());
});

test('a server time that is not a time changes nothing', () => {
  const server = new ServerClock(new ManualClock());
  server.observe(NaN, 0);
  assert.equal(server.correctionMs, 0);
});

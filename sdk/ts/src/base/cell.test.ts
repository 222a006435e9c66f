import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cell } from './cell.js';

test('listeners are told once for changes that come together, and not during the change', async () => {
  const cell = new Cell(1);
  const seen: number[] = [];
  cell.subscribe(() => seen.push(cell.get()));
  cell.set(2);
  cell.set(3);
  assert.deepEqual(seen, []);
  await Promise.resolve();
  assert.deepEqual(seen, [3]);
});

test('setting the same value tells nobody', async () => {
  const cell = new Cell('a');
  let calls = 0;
  cell.subscribe(() => calls++);
  cell.set('a');
  await Promise.resolve();
  assert.equal(calls, 0);
});

test("one end of a subscription leaves the same listener's other subscription", async () => {
  const cell = new Cell(0);
  let calls = 0;
  const listener = () => calls++;
  const end = cell.subscribe(listener);
  cell.subscribe(listener);
  end();
  cell.set(1);
  await Promise.resolve();
  assert.equal(calls, 1);
});

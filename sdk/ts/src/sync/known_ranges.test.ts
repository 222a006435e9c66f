import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LAST_ID } from '../base/uuid.js';
import { seededRandom, testSeed } from '../testing/seeded_random.js';
import { addRange, heldFrom, isKnown, type KnownRanges, removeRange, unknownRanges } from './known_ranges.js';

const id = (n: number) => `${n.toString(16).padStart(8, '0')}-0000-7000-8000-000000000000`;

test('ranges say the same as a set of numbers, whatever is added and removed', () => {
  const random = seededRandom(testSeed('known ranges'));
  for (let round = 0; round < 200; round++) {
    let ranges: KnownRanges = [];
    const model = new Set<number>();
    for (let step = 0; step < 20; step++) {
      const from = Math.floor(random.fraction() * 40);
      const to = from + Math.floor(random.fraction() * 12);
      const adds = random.fraction() < 0.6;
      ranges = (adds ? addRange : removeRange)(ranges, { from: id(from), to: id(to) });
      for (let n = from; n < to; n++) adds ? model.add(n) : model.delete(n);
      for (let n = 0; n < 60; n++) assert.equal(isKnown(ranges, { from: id(n), to: id(n + 1) }), model.has(n));
      const unknown = unknownRanges(ranges, { from: id(0), to: id(60) });
      for (let n = 0; n < 60; n++) {
        assert.equal(
          unknown.some((range) => range.from <= id(n) && id(n) < range.to),
          !model.has(n),
        );
      }
      ranges.forEach((range, i) => {
        assert.ok(range.from < range.to);
        if (i > 0) assert.ok(ranges[i - 1]!.to < range.from, 'neighbours are one range');
      });
    }
  }
});

test('everything is held from the beginning of the last range on, if that reaches to now', () => {
  const old = { from: id(1), to: id(5) };
  assert.equal(heldFrom([]), LAST_ID);
  assert.equal(heldFrom([old]), LAST_ID);
  assert.equal(heldFrom([old, { from: id(7), to: LAST_ID }]), id(7));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../public/conversation.js';
import { seededRandom, testSeed } from '../testing/seeded_random.js';
import { placeOf, Timeline } from './timeline.js';

const id = (n: number) => `0190163d-8694-739b-aea5-${n.toString(16).padStart(12, '0')}`;
const gap = (n: number): Entry => ({ type: 'gap', key: id(n), from: id(n), to: id(n + 1), loading: false });

test('a timeline holds what a sorted map would, after any changes', () => {
  const random = seededRandom(testSeed('timeline'));
  const model = new Map<string, Entry>();
  let timeline = Timeline.EMPTY;
  for (let round = 0; round < 120; round++) {
    const changes = new Map<string, Entry | undefined>();
    const count = Math.floor(random.fraction() * (round % 10 === 0 ? 700 : 8));
    for (let i = 0; i < count; i++) {
      const n = Math.floor(random.fraction() * 2_000);
      changes.set(id(n), random.fraction() < 0.7 ? gap(n) : undefined);
    }
    const before = [...timeline];
    const next = timeline.with(changes);
    assert.deepEqual([...timeline], before, 'an old snapshot does not change');
    timeline = next;
    for (const [place, entry] of changes) entry ? model.set(place, entry) : model.delete(place);
    const wanted = [...model.values()].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
    assert.equal(timeline.length, wanted.length);
    [...timeline].forEach((entry, i) => assert.equal(entry, wanted[i]));
    for (let i = 0; i < 20; i++) {
      const n = Math.floor(random.fraction() * 2_100);
      const position = wanted.filter((entry) => placeOf(entry) < id(n)).length;
      assert.equal(timeline.position(id(n)), position);
      assert.equal(timeline.at(n), wanted[n]);
      assert.deepEqual(timeline.slice(n, n + 30), wanted.slice(n, n + 30));
    }
  }
  assert.equal(timeline.at(-1), undefined);
});

test('one more message among 36,000 copies two chunks at most', () => {
  const many = new Map(Array.from({ length: 36_000 }, (_, n) => [id(2 * n), gap(2 * n)] as const));
  const timeline = Timeline.EMPTY.with(many);
  const next = timeline.with(new Map([[id(40_001), gap(40_001)]]));
  const chunks = (of: Timeline) => (of as unknown as { chunks: unknown[] }).chunks;
  const shared = new Set(chunks(timeline));
  assert.ok(chunks(next).filter((chunk) => !shared.has(chunk)).length <= 2);
});

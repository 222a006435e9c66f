import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { seededRandom } from '../testing/seeded_random.js';
import { directGroupId, FIRST_ID, LAST_ID, mintId, nameBasedId, nextId, timeOf, uuidBytes } from './uuid.js';

const ALICE = '5f3c1d9a-8a43-4d0e-9b5f-3f8a0f0f7d11';
const BOB = '7b0c7c38-3c0e-4f0a-8a8e-6d1c7f2a9b10';

test("a minted id is a UUIDv7 of its time that ends in the author's tag", () => {
  const random = seededRandom(1);
  for (const time of [1, Date.parse('2026-11-23T16:04:05.678Z'), 2 ** 48 - 1]) {
    const id = mintId(time, ALICE, random.bytes(6));
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(timeOf(id), time);
    const bytes = uuidBytes(id);
    const tag = createHash('sha256').update(uuidBytes(ALICE)).update(bytes.subarray(0, 12)).digest().subarray(0, 4);
    assert.deepEqual(Buffer.from(bytes.subarray(12)), tag);
  }
});

test('ids sort as their times do', () => {
  const random = seededRandom(2);
  const times = Array.from({ length: 200 }, () => Math.floor(random.fraction() * 2 ** 41));
  const ids = times.map((time) => mintId(time, ALICE, random.bytes(6)));
  assert.deepEqual(
    [...ids].sort().map(timeOf),
    [...times].sort((a, b) => a - b),
  );
});

test('a name-based id is the one of RFC 9562', () => {
  const dns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
  assert.equal(nameBasedId(dns, 'www.example.com'), '2ed6657d-e927-568b-95e1-2665a8aea6a2');
});

test('both people find the same direct group', () => {
  assert.equal(directGroupId(ALICE, BOB), directGroupId(BOB, ALICE));
  assert.notEqual(directGroupId(ALICE, ALICE), directGroupId(ALICE, BOB));
});

test('nothing stands between an id and the next one', () => {
  assert.equal(nextId(FIRST_ID), '00000000-0000-0000-0000-000000000001');
  assert.equal(nextId('0190163d-8694-739b-aea5-ffffffffffff'), '0190163d-8694-739b-aea6-000000000000');
  assert.equal(nextId(LAST_ID), LAST_ID);
});

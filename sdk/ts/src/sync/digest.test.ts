import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { mintId, uuidBytes } from '../base/uuid.js';
import { seededRandom } from '../testing/seeded_random.js';
import { digestOf } from './digest.js';

test('the digest of nothing is zero', () => {
  assert.deepEqual(digestOf([]), { count: 0, sum: '0'.repeat(32) });
});

test('the digest is the sum that the design defines, carries and overflow included', () => {
  const random = seededRandom(3);
  const ids = Array.from({ length: 500 }, (_, n) => mintId(n, '5f3c1d9a-8a43-4d0e-9b5f-3f8a0f0f7d11', random.bytes(6)));
  let sum = 0n;
  for (const id of ids) {
    const hash = createHash('sha256').update(uuidBytes(id)).digest('hex').slice(0, 32);
    sum = (sum + BigInt(`0x${hash}`)) % (1n << 128n);
  }
  assert.deepEqual(digestOf(ids), { count: 500, sum: sum.toString(16).padStart(32, '0') });
});

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVERYTHING } from '../sync/known_ranges.js';
import { IndexedDbStore } from './indexed_db_store.js';
import type { Row } from './records.js';

const GROUP = '5f3c1d9a-8a43-5d0e-9b5f-3f8a0f0f7d11';

function row(n: number): Row {
  const id = `0190163d-8694-739b-aea5-${n.toString(16).padStart(12, '0')}`;
  return { group: GROUP, id, from: '@alice', kind: 'text', receivedAt: n, late: false, text: `text ${n}` };
}

test('the newest rows are found also by a browser whose getAll begins at the older end only', async () => {
  assert.ok(Reflect.deleteProperty(IDBObjectStore.prototype, 'getAllRecords'));
  const store = await IndexedDbStore.open('older-browser');
  await store.commit({ rows: [3, 1, 9].map(row) });
  const newest = async (limit: number) =>
    (await store.rows(GROUP, EVERYTHING, limit, 'newest')).map(({ receivedAt }) => receivedAt);
  assert.deepEqual(await newest(1), [9]);
  assert.deepEqual(await newest(2), [3, 9]);
  assert.deepEqual(await newest(10), [1, 3, 9]);
  await store.close();
});

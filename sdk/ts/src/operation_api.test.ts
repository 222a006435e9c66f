import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OperationApi } from './operation_api.js';
import type { Call } from './wire/http.js';
import type { Bucket } from './wire/rate_limits.js';

const TIME = '2026-11-23T16:04:05.678Z';
const KEY = '5f3c1d9a-8a43-5d0e-9b5f-3f8a0f0f7d11';
const account = {
  name: 'bob',
  display_name: 'Bob',
  service: false,
  disabled: true,
  admin: false,
  ended: false,
  created_at: TIME,
  last_seen: TIME,
};

/** Answers each call with `body`, and remembers what was asked. */
class Asked {
  readonly calls: (Omit<Call, 'token'> & { bucket: Bucket })[] = [];

  constructor(private readonly body: unknown) {}

  async call(call: Omit<Call, 'token'>, bucket: Bucket = 'read') {
    this.calls.push({ ...call, bucket });
    return { status: 200, body: this.body };
  }
}

test('a page of accounts begins after a name, or with the first', async () => {
  const asked = new Asked({ accounts: [account], more: true, next: 'bob' });
  const operation = new OperationApi(asked);
  const page = await operation.accounts();
  assert.equal(page.next, 'bob');
  assert.deepEqual(page.accounts[0], {
    name: 'bob',
    displayName: 'Bob',
    service: false,
    disabled: true,
    admin: false,
    ended: false,
    createdAt: Date.parse(TIME),
    lastSeen: Date.parse(TIME),
  });
  await operation.accounts('bob&more=1');
  assert.deepEqual(
    asked.calls.map(({ path }) => path),
    ['/v1/ops/accounts', '/v1/ops/accounts?after=bob%26more%3D1'],
  );
});

test('an account is disabled by its name, at the price of a write', async () => {
  const asked = new Asked(account);
  assert.equal((await new OperationApi(asked).setDisabled('@bob', true)).disabled, true);
  assert.deepEqual(asked.calls, [
    { method: 'PATCH', path: '/v1/ops/accounts/%40bob', body: { disabled: true }, bucket: 'write' },
  ]);
});

test('a key is asked for with what was chosen, and nothing else', async () => {
  const asked = new Asked({ name: 'weather', key: KEY, token: 'tdg_secret' });
  const operation = new OperationApi(asked);
  assert.deepEqual(await operation.createKey({ name: 'weather' }), { name: 'weather', key: KEY, token: 'tdg_secret' });
  await operation.createKey({ name: 'weather', import: true, rate: { count: 100, seconds: 10 } });
  assert.deepEqual(
    asked.calls.map(({ body }) => body),
    [{ name: 'weather' }, { name: 'weather', import: true, rate_count: 100, rate_seconds: 10 }],
  );
});

test('a key is revoked at its service', async () => {
  const asked = new Asked(undefined);
  await new OperationApi(asked).revokeKey('@weather', KEY);
  assert.deepEqual(asked.calls, [
    { method: 'DELETE', path: `/v1/ops/services/%40weather/keys/${KEY}`, bucket: 'write' },
  ]);
});

test('an answer that is none of this API is nonsense', async () => {
  const operation = new OperationApi(new Asked({ hello: 'world' }));
  for (const ask of [() => operation.figures(), () => operation.accounts(), () => operation.services()]) {
    await assert.rejects(ask(), { code: 'nonsense' });
  }
  await assert.rejects(operation.createKey({ name: 'weather' }), { code: 'nonsense' });
});

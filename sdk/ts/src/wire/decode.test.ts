import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, testSeed } from '../testing/seeded_random.js';
import {
  decodeChanges,
  decodeDeviceSessions,
  decodeDigest,
  decodeFrame,
  decodeGroup,
  decodeHistory,
  decodeMe,
  decodeMember,
  decodeMembers,
  decodePerson,
  decodeProblem,
  decodePull,
  decodeReceipt,
  decodeRow,
  decodeSession,
  decodeSignedIn,
  decodeStatus,
} from './decode.js';
import { decodeAccount, decodeAccounts, decodeFigures, decodeNewKey, decodeServices } from './decode_operation.js';

const GROUP = '5f3c1d9a-8a43-5d0e-9b5f-3f8a0f0f7d11';
const ID = '0190163d-8694-739b-aea5-966c26f8ad91';
const TIME = '2026-11-23T16:04:05.678Z';

const message = {
  id: ID,
  group: GROUP,
  from: '@alice',
  from_id: GROUP,
  kind: 'text',
  sent_at: TIME,
  received_at: TIME,
  late: false,
  text: 'hi',
  mentions: ['@bob'],
  links: ['https://example.org'],
  metadata: { a: [1] },
  reactions: [{ emoji: '🎉', count: 1, me: true }],
};
const digest = { from: ID, to: null, count: 1, sum: '0'.repeat(32), ids: [ID] };
const changes = {
  messages: [message],
  cursor: 'c',
  more: false,
  push: true,
  next_poll_ms: 5,
  server_time: TIME,
  digest,
  skipped: { from: ID, to: ID },
};
const me = { id: GROUP, name: 'alice', display_name: 'Alice', service: false, metadata: {}, status: 'auto' };
const session = { id: GROUP, access_token: 'a', refresh_token: 'r', expires_at: TIME, server_time: TIME, api: '1.0' };
const member = { user: '@bob', role: 'member', joined_at: TIME };
const group = {
  id: GROUP,
  kind: 'group',
  size: 1,
  push: true,
  role: 'owner',
  last_updated: TIME,
  created_at: TIME,
  visibility: 'private',
};
const figures = {
  process: 'serve here:7400 1a2b',
  role: 'serve',
  server_time: TIME,
  version: '1.0',
  up_seconds: 5,
  stored: 4,
  throttled: 0,
  changed_sent: 3,
  queue_waiting: 1,
  queue_leased: 1,
  connections: 2,
  sockets: 1,
  commits: 4,
  commit_us: 800,
  store_disk_bytes: 4096,
  store_messages: 4,
  busy_groups: [{ id: GROUP, per_minute: 2 }],
};
const account = {
  name: 'alice',
  display_name: 'Alice',
  service: false,
  disabled: false,
  admin: true,
  ended: false,
  created_at: TIME,
  last_seen: TIME,
};
const key = { id: GROUP, import: false, rate: '5/1', created_at: TIME, revoked_at: TIME };

const decoders: [string, unknown, (value: unknown) => unknown][] = [
  ['row', message, (value) => decodeRow(value, true)],
  ['changes', changes, (value) => decodeChanges(value, GROUP)],
  [
    'pull',
    {
      results: [
        { id: GROUP, ...changes },
        { id: GROUP, problem: { code: 'unknown-group', status: 404 } },
      ],
    },
    decodePull,
  ],
  [
    'history',
    { messages: [message], has_before: false, has_after: true },
    (value) => decodeHistory(value, GROUP, true),
  ],
  ['digest', { ...digest, parts: [digest] }, decodeDigest],
  [
    'status',
    {
      cursor: 's',
      more: false,
      next_poll_ms: 1,
      groups: [{ ...group, last_message: message, unread: 3 }],
      removed: [GROUP],
      users: [{ name: 'bob', status: 'online' }],
    },
    decodeStatus,
  ],
  [
    'receipt',
    {
      id: ID,
      sent_at: TIME,
      received_at: TIME,
      late: false,
      groups: [{ id: GROUP, stored: 'new' }],
      server_time: TIME,
    },
    decodeReceipt,
  ],
  ['me', me, decodeMe],
  ['session', { session }, decodeSession],
  ['signed in', { user: me, session }, decodeSignedIn],
  [
    'sessions',
    {
      sessions: [{ id: GROUP, device: 'd', created_at: TIME, last_seen: TIME, current: true }],
      cursor: '',
      more: false,
    },
    decodeDeviceSessions,
  ],
  ['person', me, decodePerson],
  ['group', group, decodeGroup],
  ['member', member, decodeMember],
  ['members', { members: [member], cursor: '', more: false }, decodeMembers],
  [
    'problem',
    { code: 'forbidden', status: 403, title: 't', errors: [{ field: 'f', message: 'm' }] },
    (value) => decodeProblem(value, 403),
  ],
  ['figures', figures, decodeFigures],
  ['account', account, decodeAccount],
  ['accounts', { accounts: [account], more: true, next: 'alice' }, decodeAccounts],
  ['services', { services: [{ name: 'weather', disabled: false, keys: [key] }], more: false }, decodeServices],
  ['new key', { name: 'weather', key: GROUP, token: 'tdg_x' }, decodeNewKey],
  ['frame', { type: 'changed', n: 1, time: TIME, groups: [GROUP] }, (value) => decodeFrame(JSON.stringify(value))],
];

for (const [name, good, decode] of decoders) {
  test(`${name}: what the API says is read`, () => assert.notEqual(decode(good), undefined));
}

/** Something else somewhere in a value. */
function broken(value: unknown, random: ReturnType<typeof seededRandom>): unknown {
  const junk = [null, 0, -1, 1e400, '', 'x', true, [], {}, [null], { id: 7 }, '\u0000', undefined];
  if (random.fraction() < 0.25 || typeof value !== 'object' || value === null)
    return junk[Math.floor(random.fraction() * junk.length)];
  if (Array.isArray(value))
    return value.map((item: unknown) => (random.fraction() < 0.5 ? broken(item, random) : item));
  const entries = Object.entries(value);
  const chosen = Math.floor(random.fraction() * entries.length);
  return Object.fromEntries(
    entries.map(([key, item], i) => [key, i === chosen ? broken(item, random) : (item as unknown)]),
  );
}

test('whatever an answer holds, reading it ends with a value or with nothing', () => {
  const random = seededRandom(testSeed('decode'));
  for (let round = 0; round < 20_000; round++) {
    const [, good, decode] = decoders[round % decoders.length]!;
    decode(broken(good, random));
  }
});

test('a page with a message of another group is not believed', () => {
  assert.equal(decodeChanges({ ...changes, messages: [{ ...message, group: ID }] }, GROUP), undefined);
});

test('figures of which one is missing are not believed', () => {
  for (const field of Object.keys(figures)) {
    const { [field as keyof typeof figures]: _missing, ...others } = figures;
    assert.equal(decodeFigures(others), undefined, field);
  }
});

test('an account of which it is not said whether it is disabled is not believed', () => {
  for (const field of ['disabled', 'admin', 'service', 'ended']) {
    assert.equal(decodeAccount({ ...account, [field]: undefined }), undefined, field);
  }
});

test('a key that was revoked at no readable time does not pass for a good one', () => {
  const services = (revoked_at: unknown) => ({
    services: [{ name: 'weather', disabled: false, keys: [{ ...key, revoked_at }] }],
    more: false,
  });
  assert.equal(decodeServices(services(TIME))?.services[0]?.keys[0]?.revokedAt, Date.parse(TIME));
  assert.equal(decodeServices(services('yesterday')), undefined);
  assert.equal(decodeServices(services(null)), undefined);
});

test('frames that this version does not know are passed over', () => {
  assert.equal(decodeFrame('{"type":"typing"}'), undefined);
  assert.equal(decodeFrame(new ArrayBuffer(3)), undefined);
});

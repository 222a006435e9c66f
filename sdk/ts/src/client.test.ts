import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mintId, timeOf } from './base/uuid.js';
import type { Arrival } from './public/client.js';
import type { ConversationSnapshot } from './public/conversation.js';
import { LateStore } from './store/late_store.js';
import { MemoryStore } from './store/memory_store.js';
import { newGroup } from './store/records.js';
import type { Change, Committed } from './store/store.js';
import { EVERYTHING } from './sync/known_ranges.js';
import { NO_FAULTS } from './testing/fake_server.js';
import { TabHub } from './testing/fake_tabs.js';
import { FullableStore, TabDisk } from './testing/fullable_store.js';
import { SlowStore } from './testing/slow_store.js';
import { PASSWORD, shownTexts, World } from './testing/world.js';

const TWO_HOURS = 2 * 60 * 60_000;
const CAROL = '5f3c1d9a-8a43-4d0e-9b5f-3f8a0f0f7d11';

test('a message shows at once, while there is no network, and is sent when there is', async () => {
  const world = new World(1);
  const alice = await world.person('alice');
  await world.person('bob');
  const group = world.server.addGroup('Climbers', ['alice', 'bob']);
  const conversation = alice.open(group);
  await world.clock.advance(2_000);
  world.server.faults = { ...world.server.faults, lostCalls: 1, lostSockets: 1 };
  world.server.cutSockets();
  for (const text of ['one', 'two', 'three']) await world.done(conversation.send({ text }));
  assert.deepEqual(shownTexts(conversation.get()), ['one', 'two', 'three']);
  const waits = () =>
    [...conversation.get().entries].map((entry) => entry.type === 'message' && entry.message.delivery);
  await world.clock.advance(600_000);
  assert.notEqual(waits()[0], 'stored');
  assert.equal(alice.connection.get().state, 'offline');
  world.server.faults = { ...world.server.faults, lostCalls: 0, lostSockets: 0 };
  await world.clock.advance(120_000);
  assert.deepEqual(waits(), ['stored', 'stored', 'stored']);
  assert.deepEqual(alice.outbox.snapshot.get().items, []);
  assert.deepEqual(
    world.server.shown(group).map((row) => row.text),
    ['one', 'two', 'three'],
  );
  assert.equal(alice.connection.get().state, 'connected');
  await world.close();
});

test('what others changed of the profile shows when it is read again, and is kept', async () => {
  const world = new World(23);
  const store = new MemoryStore();
  const alice = await world.person('alice', { store });
  const shown = (client: typeof alice) => {
    const session = client.session.get();
    return session.state === 'signed-in' && [session.me.displayName, session.me.admin];
  };
  world.server.changeProfile('alice', { display_name: 'Alice A.', admin: true });
  await world.clock.advance(60_000);
  assert.deepEqual(shown(alice), ['alice', false]);
  await world.done(alice.readMe());
  assert.deepEqual(shown(alice), ['Alice A.', true]);
  await alice.close();
  const later = world.client({ store });
  await world.done(later.ready);
  assert.deepEqual(shown(later), ['Alice A.', true]);
  await world.close();
});

test('what history told is not shown anew when something else comes, whatever a store makes of its records', async () => {
  // As IndexedDB does: what comes back is a copy.
  class CopyingStore extends MemoryStore {
    override async commit(change: Change): Promise<Committed> {
      return structuredClone(await super.commit(change));
    }
  }
  const world = new World(24);
  const alice = await world.person('alice', { store: new CopyingStore() });
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  const say = (n: number) =>
    world.server.say(group, 'carol', {
      id: mintId(world.clock.now() - 1_000 + n, CAROL, world.random.bytes(6)),
      text: `n${n}`,
    });
  for (let n = 0; n < 260; n++) say(n);
  alice.wake();
  const conversation = alice.open(group);
  await world.clock.advance(5_000);
  const pulled = conversation.get().entries.length;
  while (conversation.get().hasOlder) await world.done(conversation.loadOlder(100));
  const before = [...conversation.get().entries];
  assert.ok(pulled < 260);
  assert.equal(before.length, 260);
  say(1_000);
  await world.clock.advance(5_000);
  const after = [...conversation.get().entries];
  assert.equal(after.length, 261);
  assert.ok(before.every((entry, i) => entry === after[i]));
  await world.close();
});

test('a message shows in the moment in which it is sent, before the disk has it', async () => {
  let isSlow = false;
  let goOn = () => {};
  class SlowStore extends MemoryStore {
    override async commit(change: Change): Promise<Committed> {
      if (isSlow) await new Promise<void>((resolve) => (goOn = resolve));
      return super.commit(change);
    }
  }
  const world = new World(22);
  const alice = await world.person('alice', { store: new SlowStore() });
  const group = world.server.addGroup('Climbers', ['alice']);
  alice.wake();
  const conversation = alice.open(group);
  await world.clock.advance(5_000);
  isSlow = true;
  let isKept = false;
  const sending = conversation.send({ text: 'hello' }).then(() => (isKept = true));
  await Promise.resolve();
  assert.deepEqual(shownTexts(conversation.get()), ['hello']);
  assert.equal(alice.groups.list.get().groups.find(({ id }) => id === group)?.lastMessage?.text, 'hello');
  await world.clock.advance(1_000);
  assert.equal(isKept, false);
  // Nothing is sent that could be forgotten.
  assert.deepEqual(world.server.shown(group), []);
  isSlow = false;
  goOn();
  await world.done(sending);
  await world.clock.advance(5_000);
  assert.deepEqual(
    world.server.shown(group).map((row) => row.text),
    ['hello'],
  );
  assert.deepEqual(shownTexts(conversation.get()), ['hello']);
  await world.close();
});

test('what was committed survives a reload, with its id', async () => {
  const world = new World(2);
  const store = new MemoryStore();
  const before = await world.person('alice', { store });
  await world.person('bob');
  world.server.faults = { ...world.server.faults, lostAnswers: 1 };
  const id = await world.done(before.send('@bob', { text: 'once' }));
  await world.clock.advance(5_000);
  await world.done(before.close());
  world.server.faults = { ...world.server.faults, lostAnswers: 0 };
  const after = world.client({ store });
  await world.clock.advance(5_000);
  assert.equal(after.session.get().state, 'signed-in');
  assert.deepEqual(after.outbox.snapshot.get().items, []);
  const [group] = [...world.server.groups.keys()];
  assert.deepEqual(world.server.ids(group!), [id]);
  await world.close();
});

test('an acknowledged amendment that sync had brought before a reload does not linger', async () => {
  const world = new World(12);
  const store = new MemoryStore();
  const before = await world.person('alice', { store });
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  const target = mintId(world.clock.now(), CAROL, world.random.bytes(6));
  world.server.say(group, 'carol', { id: target, text: 'hi' });
  const conversation = before.open(group);
  await world.clock.advance(2_000);
  const id = await world.done(conversation.react(target, '🎉'));
  await world.clock.advance(5_000);
  await world.done(before.close());
  // As if the process had ended between the acknowledgement and the removal.
  const item = {
    key: `${id}.0`,
    version: 9,
    id,
    to: group,
    group,
    correctionMs: 0,
    attempts: 1,
    state: 'stored',
  } as const;
  await store.commit({
    outbox: new Map([[item.key, () => ({ ...item, content: { kind: 'reaction', target, emoji: '🎉' } })]]),
  });
  world.client({ store });
  await world.clock.advance(5_000);
  assert.deepEqual((await store.start()).outbox, []);
  await world.close();
});

test('a client that was closed in the middle of a pull changes nothing more', async () => {
  const world = new World(13);
  const store = new MemoryStore();
  const closed = await world.person('alice', { store });
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  world.server.say(group, 'carol', { id: mintId(world.clock.now(), CAROL, world.random.bytes(6)), text: 'hi' });
  closed.open(group);
  await world.clock.advance(5_000);
  world.server.faults = { ...world.server.faults, slow: 1 };
  world.server.say(group, 'carol', { id: mintId(world.clock.now(), CAROL, world.random.bytes(6)), text: 'late' });
  await world.clock.advance(100);
  await world.done(closed.close());
  const held = await store.ids(group, EVERYTHING);
  await world.clock.advance(60_000);
  assert.equal(held.length, 1);
  assert.deepEqual(await store.ids(group, EVERYTHING), held);
  await assert.rejects(world.done(closed.send(group, { text: 'too late' })), { code: 'closed' });
  await world.close();
});

test('a refusal stops its message alone; it can be discarded, and those behind it pass', async () => {
  const world = new World(3);
  const alice = await world.person('alice');
  const group = world.server.addGroup('Climbers', ['alice']);
  const conversation = alice.open(group);
  await world.clock.advance(2_000);
  await world.done(alice.send('@nobody', { text: 'are you there?' }));
  await world.done(conversation.send({ text: 'fine' }));
  await world.clock.advance(5_000);
  const [refused] = alice.outbox.snapshot.get().items;
  assert.equal(alice.outbox.snapshot.get().items.length, 1);
  assert.equal(refused?.state, 'refused');
  assert.equal(refused?.problem?.code, 'unknown-user');
  assert.equal(await world.done(alice.outbox.discard(refused!.key)), true);
  assert.deepEqual(alice.outbox.snapshot.get().items, []);
  assert.deepEqual(
    world.server.shown(group).map((row) => row.text),
    ['fine'],
  );
  await world.close();
});

for (const clockErrorMs of [TWO_HOURS, -TWO_HOURS]) {
  test(`with a clock that is wrong by ${clockErrorMs / 3_600_000} hours messages are sent when they were said`, async () => {
    const world = new World(4);
    const alice = await world.person('alice', { clockErrorMs });
    const group = world.server.addGroup('Climbers', ['alice']);
    const id = await world.done(alice.send(group, { text: 'now' }));
    assert.ok(Math.abs(timeOf(id) - world.clock.now()) < 2_000);
    assert.ok(Math.abs(alice.connection.get().clockCorrectionMs + clockErrorMs) < 2_000);
    await world.close();
  });

  test(`a clock that went wrong by ${clockErrorMs / 3_600_000} hours while offline does not move what was said`, async () => {
    const world = new World(5);
    const store = new MemoryStore();
    await world.done((await world.person('alice', { store })).close());
    const group = world.server.addGroup('Climbers', ['alice']);
    world.server.faults = { ...world.server.faults, lostCalls: 1, lostSockets: 1 };
    const alice = world.client({ store, clockErrorMs });
    const conversation = alice.open(group);
    await world.clock.advance(1_000);
    const said = world.clock.now();
    const first = await world.done(conversation.send({ text: 'one' }));
    await world.done(conversation.edit(first, 'one!'));
    await world.done(conversation.send({ text: 'two', replyTo: first }));
    await world.clock.advance(60_000);
    world.server.faults = { ...world.server.faults, lostCalls: 0, lostSockets: 0 };
    await world.clock.advance(120_000);
    const shown = world.server.shown(group);
    assert.deepEqual(
      shown.map((row) => row.text),
      ['one!', 'two'],
    );
    for (const row of shown) assert.ok(Math.abs(timeOf(row.id) - said) < 5_000, `${timeOf(row.id) - said}`);
    assert.equal(shown[1]?.reply_to, shown[0]?.id);
    assert.deepEqual(shownTexts(conversation.get()), ['one!', 'two']);
    await world.close();
  });
}

test('a session that is ended keeps the outbox for the same person, and nothing for another', async () => {
  const world = new World(6);
  const alice = await world.person('alice');
  await world.person('bob');
  const group = world.server.addGroup('Climbers', ['alice', 'bob']);
  const conversation = alice.open(group);
  await world.clock.advance(2_000);
  world.server.endSessionsOf('alice');
  await world.done(conversation.send({ text: 'kept' }));
  await world.clock.advance(10_000);
  assert.deepEqual(alice.session.get(), { state: 'signed-out', reason: 'ended-by-server', lastName: 'alice' });
  assert.equal(alice.outbox.snapshot.get().items.length, 1);
  await world.done(alice.signIn('alice', PASSWORD));
  await world.clock.advance(5_000);
  assert.deepEqual(
    world.server.shown(group).map((row) => row.text),
    ['kept'],
  );
  world.server.endSessionsOf('alice');
  await world.done(conversation.send({ text: 'not for bob' }));
  await world.clock.advance(10_000);
  await world.done(alice.signIn('bob', PASSWORD));
  await world.clock.advance(5_000);
  assert.deepEqual(alice.outbox.snapshot.get().items, []);
  assert.deepEqual(
    world.server.shown(group).map((row) => row.text),
    ['kept'],
  );
  await world.close();
});

test('access tokens are renewed for as long as the client lives', async () => {
  const world = new World(7);
  const alice = await world.person('alice');
  const group = world.server.addGroup('Climbers', ['alice']);
  for (let hour = 0; hour < 3; hour++) await world.clock.advance(3_600_000);
  await world.done(alice.send(group, { text: 'still here' }));
  await world.clock.advance(5_000);
  assert.equal(world.server.shown(group).length, 1);
  assert.equal(alice.session.get().state, 'signed-in');
  await world.close();
});

test('a late message stands where it was said, is news, and counts as unread', async () => {
  const world = new World(8);
  const alice = await world.person('alice');
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  const ids = [3_000, 2_000, 1_000].map((ago) => mintId(world.clock.now() - ago, CAROL, world.random.bytes(6)));
  const early = mintId(world.clock.now() - 2_500, CAROL, world.random.bytes(6));
  ids.forEach((id, n) => world.server.say(group, 'carol', { id, text: `n${n}` }));
  const arrivals: Arrival[] = [];
  alice.onArrival((arrival) => arrivals.push(arrival));
  const conversation = alice.open(group);
  await world.clock.advance(60_000);
  await world.done(conversation.markRead());
  await world.clock.advance(2_000);
  world.server.say(group, 'carol', { id: early, text: 'from the tunnel' });
  await world.clock.advance(2_000);
  assert.deepEqual(shownTexts(conversation.get()), ['n0', 'from the tunnel', 'n1', 'n2']);
  const late = [...conversation.get().entries][1];
  assert.equal(late?.type === 'message' && late.message.late, true);
  assert.equal(arrivals.at(-1)?.message.text, 'from the tunnel');
  assert.equal(alice.groups.list.get().unread, 1);
  await world.close();
});

test('for who comes back, what came meanwhile begins with the first unread; what comes now is no part of it', async () => {
  const world = new World(21);
  const store = new MemoryStore();
  const before = await world.person('alice', { store });
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  const say = (text: string) =>
    world.server.say(group, 'carol', { id: mintId(world.clock.now(), CAROL, world.random.bytes(6)), text });
  const first = before.open(group);
  say('read');
  await world.clock.advance(5_000);
  await world.done(first.markRead());
  await world.clock.advance(5_000);
  await world.done(before.close());
  for (let n = 0; n < 3; n++) {
    await world.clock.advance(60_000);
    say(`missed ${n}`);
  }

  const shownFirst = ({ entries, firstUnread }: ConversationSnapshot) => {
    const entry = firstUnread === undefined ? undefined : entries.at(entries.indexOf(firstUnread));
    return entry?.type === 'message' ? entry.message.text : undefined;
  };
  const back = world.client({ store }).open(group);
  await world.clock.advance(5_000);
  assert.deepEqual(shownTexts(back.get()), ['read', 'missed 0', 'missed 1', 'missed 2']);
  assert.equal(shownFirst(back.get()), 'missed 0');
  await world.done(back.markRead());
  say('live');
  await world.clock.advance(5_000);
  assert.equal(shownFirst(back.get()), 'missed 0');
  await world.done(world.clients.at(-1)!.close());

  // Nothing was missed but 'live', which is new only to who did not look.
  const seen = world.client({ store });
  const again = seen.open(group);
  await world.clock.advance(5_000);
  assert.equal(shownFirst(again.get()), 'live');
  await world.done(again.markRead());
  await world.clock.advance(5_000);
  await world.done(seen.close());
  const last = world.client({ store }).open(group);
  await world.clock.advance(5_000);
  say('live again');
  await world.clock.advance(5_000);
  assert.equal(last.get().firstUnread, undefined);
  await world.close();
});

test('after a long absence there is a gap, and it can be filled', async () => {
  const world = new World(9);
  const store = new MemoryStore();
  const before = await world.person('alice', { store });
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  const say = (n: number) =>
    world.server.say(group, 'carol', {
      id: mintId(world.clock.now() + n, CAROL, world.random.bytes(6)),
      text: `n${n}`,
    });
  for (let n = 0; n < 5; n++) say(n);
  await world.clock.advance(5_000);
  await world.done(before.close());
  world.server.skipBeyond = 200;
  for (let n = 5; n < 405; n++) say(n - 0);
  const alice = world.client({ store });
  const conversation = alice.open(group);
  await world.clock.advance(5_000);
  const gapOf = () => [...conversation.get().entries].find((entry) => entry.type === 'gap');
  assert.deepEqual(shownTexts(conversation.get()).slice(0, 7), ['n0', 'n1', 'n2', 'n3', 'n4', '…', 'n205']);
  for (let gap = gapOf(), pages = 0; gap; gap = gapOf(), pages++) {
    assert.ok(pages < 10);
    if (gap.type === 'gap') await world.done(conversation.fillGap(gap));
  }
  assert.deepEqual(
    shownTexts(conversation.get()),
    Array.from({ length: 405 }, (_, n) => `n${n}`),
  );
  await world.done(conversation.check());
  await world.clock.advance(10_000);
  const { trust } = conversation.get();
  assert.equal(trust.state, 'complete');
  assert.equal(trust.last?.server.count, 405);
  await world.close();
});

test('a message that sync has lost is found by its digest', async () => {
  const world = new World(10);
  const store = new MemoryStore();
  const alice = await world.person('alice', { store });
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  const conversation = alice.open(group);
  for (let n = 0; n < 60; n++) {
    world.server.say(group, 'carol', {
      id: mintId(world.clock.now() + n, CAROL, world.random.bytes(6)),
      text: `n${n}`,
    });
  }
  await world.clock.advance(5_000);
  // Behind the back of the arrival axis: no cursor will ever bring it.
  const lost = mintId(world.clock.now() - 4_000, CAROL, world.random.bytes(6));
  const { arrivals } = world.server.groups.get(group)!;
  arrivals.splice(10, 0, { ...arrivals[0]!, id: lost, text: 'lost' });
  await world.done(conversation.check());
  await world.clock.advance(10_000);
  assert.ok(shownTexts(conversation.get()).includes('lost'));
  assert.equal(conversation.get().trust.state, 'complete');
  assert.ok(conversation.get().trust.repaired >= 1);
  await world.close();
});

test('a group that one is removed from is gone, and what was read of it stays readable', async () => {
  const world = new World(11);
  const alice = await world.person('alice');
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  world.server.say(group, 'carol', { id: mintId(world.clock.now(), CAROL, world.random.bytes(6)), text: 'bye' });
  const conversation = alice.open(group);
  await world.clock.advance(5_000);
  const held = world.server.groups.get(group)!;
  held.members.delete('alice');
  held.changed = world.server.now();
  await world.clock.advance(700_000);
  assert.equal(conversation.get().gone, true);
  assert.deepEqual(shownTexts(conversation.get()), ['bye']);
  assert.deepEqual(alice.groups.list.get().groups, []);
  held.members.add('alice');
  held.changed = world.server.now();
  alice.wake();
  await world.clock.advance(5_000);
  assert.equal(conversation.get().gone, false);
  assert.deepEqual(shownTexts(conversation.get()), ['bye']);
  await world.close();
});

test('a throttled client waits as it is told, and is hardly ever refused', async () => {
  const world = new World(14);
  const alice = await world.person('alice');
  const group = world.server.addGroup('Climbers', ['alice']);
  world.server.sendsPer10s = 10;
  const wanted = Array.from({ length: 60 }, (_, n) => `n${n}`);
  await world.done(Promise.all(wanted.map((text) => alice.send(group, { text }))));
  await world.clock.advance(20_000);
  assert.ok(alice.connection.get().throttledUntil !== undefined);
  await world.clock.advance(50_000);
  assert.deepEqual(
    world.server.shown(group).map((row) => row.text),
    wanted,
  );
  assert.ok(world.server.throttled <= 3, `refused ${world.server.throttled} times`);
  await world.close();
});

test('a server that answers nothing but nonsense is asked again, ever less often, and believed never', async () => {
  const world = new World(15);
  const alice = await world.person('alice');
  const group = world.server.addGroup('Climbers', ['alice']);
  const conversation = alice.open(group);
  await world.clock.advance(2_000);
  world.server.faults = { ...world.server.faults, nonsense: 1, lostSockets: 1 };
  world.server.cutSockets();
  await world.done(conversation.send({ text: 'kept' }));
  const before = world.server.calls.length;
  await world.clock.advance(3_600_000);
  assert.ok(world.server.calls.length - before < 500, `${world.server.calls.length - before} calls in an hour`);
  assert.equal(alice.session.get().state, 'signed-in');
  assert.equal(alice.connection.get().problem?.code, 'nonsense');
  assert.equal(conversation.get().gone, false);
  assert.equal(alice.outbox.snapshot.get().items[0]?.problem?.code, 'nonsense');
  world.server.faults = NO_FAULTS;
  await world.clock.advance(120_000);
  assert.equal(alice.connection.get().problem, undefined);
  assert.deepEqual(
    world.server.shown(group).map((row) => row.text),
    ['kept'],
  );
  await world.close();
});

test('a send that is not answered is looked into at once, and a try that succeeds is an end of it', async () => {
  const world = new World(20);
  const alice = await world.person('alice');
  const group = world.server.addGroup('Climbers', ['alice']);
  const conversation = alice.open(group);
  await world.clock.advance(5_000);
  assert.equal(alice.connection.get().state, 'connected');
  // The socket stays open all the while.
  world.server.faults = { ...world.server.faults, nonsense: 1 };
  await world.done(conversation.send({ text: 'kept' }));
  await world.clock.advance(1_000);
  assert.equal(alice.connection.get().state, 'offline');
  world.server.faults = NO_FAULTS;
  alice.wake();
  await world.clock.advance(1_000);
  assert.equal(alice.connection.get().state, 'connected');
  assert.deepEqual(shownTexts(conversation.get()), ['kept']);
  assert.deepEqual(alice.outbox.snapshot.get().items, []);
  await world.close();
});

test('when the disk is full the client says so and goes on', async () => {
  const disk = new FullableStore();
  const store = new LateStore(() => Promise.resolve(disk));
  const world = new World(16);
  const alice = await world.person('alice', { store, tabs: new TabHub().tab() });
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  const conversation = alice.open(group);
  await world.done(conversation.send({ text: 'on disk' }));
  await world.clock.advance(5_000);
  assert.deepEqual(alice.storage.get(), { kind: 'indexeddb', durable: true });
  disk.isFull = true;
  await world.done(conversation.send({ text: 'in memory' }));
  world.server.say(group, 'carol', { id: mintId(world.clock.now() + 1, CAROL, world.random.bytes(6)), text: 'hi' });
  await world.clock.advance(5_000);
  assert.deepEqual(shownTexts(conversation.get()), ['on disk', 'in memory', 'hi']);
  assert.deepEqual(alice.storage.get(), { kind: 'memory', durable: false, reason: 'quota-exceeded' });
  await world.done(alice.close());
  // The next start finds an older state, and catches up.
  disk.isFull = false;
  const after = world.client({ store, tabs: new TabHub().tab() });
  const again = after.open(group);
  await world.clock.advance(5_000);
  assert.deepEqual(shownTexts(again.get()), ['on disk', 'in memory', 'hi']);
  await world.close();
});

test('what was asked for one person does not reach the store of the next', async () => {
  const world = new World(17);
  await world.person('bob');
  const store = new MemoryStore();
  const client = await world.person('alice', { store });
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  client.open(group);
  await world.clock.advance(2_000);
  world.server.faults = { ...NO_FAULTS, slow: 1 };
  world.server.slowMs = 8_000;
  world.server.say(group, 'carol', { id: mintId(world.clock.now(), CAROL, world.random.bytes(6)), text: 'for alice' });
  await world.clock.advance(100);
  // Offline for the server, so that it does answer the pull.
  world.server.faults = { ...NO_FAULTS, lostCalls: 1 };
  await world.done(client.signOut());
  world.server.faults = NO_FAULTS;
  await world.done(client.signIn('bob', PASSWORD));
  await world.clock.advance(60_000);
  assert.deepEqual(await store.ids(group, EVERYTHING), []);
  assert.deepEqual(client.groups.list.get().groups, []);
  await world.close();
});

test('what was read on another device is unread no more when one looks again', async () => {
  const world = new World(18);
  const alice = await world.person('alice');
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  world.server.say(group, 'carol', { id: mintId(world.clock.now(), CAROL, world.random.bytes(6)), text: 'hi' });
  alice.wake();
  await world.clock.advance(10_000);
  assert.equal(alice.groups.list.get().unread, 1);
  alice.wake();
  await world.clock.advance(10_000);
  world.server.groups.get(group)!.read.set('alice', 1);
  alice.wake();
  await world.clock.advance(10_000);
  assert.equal(alice.groups.list.get().unread, 0);
  await world.close();
});

test('a pull that was lost is made again at once', async () => {
  const world = new World(19);
  const alice = await world.person('alice');
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  const conversation = alice.open(group);
  alice.wake();
  await world.clock.advance(5_000);
  world.server.loseNext = 'POST /v1/pull';
  world.server.say(group, 'carol', { id: mintId(world.clock.now(), CAROL, world.random.bytes(6)), text: 'hi' });
  await world.clock.advance(3_000);
  assert.equal(world.server.loseNext, undefined);
  assert.deepEqual(shownTexts(conversation.get()), ['hi']);
  await world.close();
});

test('what does not fit one answer is pulled at once', async () => {
  const world = new World(20);
  const store = new MemoryStore();
  const before = await world.person('alice', { store });
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  const ids = Array.from({ length: 901 }, (_, n) => mintId(world.clock.now() + n, CAROL, world.random.bytes(6)));
  world.server.say(group, 'carol', { id: ids[0]!, text: 'n0' });
  before.wake();
  await world.clock.advance(5_000);
  await world.done(before.close());
  ids.slice(1).forEach((id, n) => world.server.say(group, 'carol', { id, text: `n${n + 1}` }));
  world.client({ store });
  await world.clock.advance(3_000);
  assert.deepEqual(await store.ids(group, EVERYTHING), ids);
  await world.close();
});

test('a reaction that was refused is told with its message, and can be tried again or discarded', async () => {
  const world = new World(25);
  const alice = await world.person('alice');
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  const target = mintId(world.clock.now(), CAROL, world.random.bytes(6));
  world.server.say(group, 'carol', { id: target, text: 'hi' });
  const conversation = alice.open(group);
  alice.wake();
  await world.clock.advance(5_000);
  const message = () => {
    const entry = conversation.get().entries.at(0);
    return entry?.type === 'message' ? entry.message : undefined;
  };
  world.server.groups.get(group)!.onlyModeratorsPost = true;
  for (const emoji of ['🎉', '👍']) await world.done(conversation.react(target, emoji));
  await world.clock.advance(5_000);
  assert.deepEqual(message()?.reactions, []);
  const { key, ...problem } = message()!.amendProblem!;
  assert.deepEqual(problem, { kind: 'reaction', code: 'forbidden', detail: 'Only moderators may post here.' });
  assert.equal(await world.done(alice.outbox.discard(key)), true);
  world.server.groups.get(group)!.onlyModeratorsPost = false;
  await world.done(alice.outbox.retry(message()!.amendProblem!.key));
  await world.clock.advance(5_000);
  assert.equal(message()?.amendProblem, undefined);
  assert.deepEqual(message()?.reactions, [{ emoji: '🎉', count: 1, me: true }]);
  await world.close();
});

test('a direct conversation that does not exist yet is not waited for', async () => {
  const world = new World(26);
  const alice = await world.person('alice');
  await world.person('bob');
  const conversation = alice.open(await world.done(alice.groups.direct('@bob')));
  await world.clock.advance(5_000);
  const { loading, refreshing, unknown, group } = conversation.get();
  assert.deepEqual(
    { loading, refreshing, unknown, exists: group?.exists },
    {
      loading: false,
      refreshing: false,
      unknown: false,
      exists: false,
    },
  );
  await world.done(conversation.send({ text: 'hi' }));
  await world.clock.advance(5_000);
  assert.equal(conversation.get().group?.exists, true);
  assert.deepEqual(shownTexts(conversation.get()), ['hi']);
  await world.close();
});

test('a group that the server does not have is found out to be unknown, and no more when one becomes a member', async () => {
  const world = new World(27);
  const alice = await world.person('alice');
  await world.clock.advance(5_000);
  const group = world.server.addGroup('Climbers', ['carol']);
  world.server.faults = { ...NO_FAULTS, lostCalls: 1 };
  const conversation = alice.open(group);
  await world.clock.advance(5_000);
  assert.deepEqual([conversation.get().refreshing, conversation.get().unknown], [true, false]);
  world.server.faults = NO_FAULTS;
  await world.clock.advance(60_000);
  assert.deepEqual([conversation.get().refreshing, conversation.get().unknown], [false, true]);
  assert.equal(conversation.get().group, undefined);
  assert.deepEqual(alice.groups.list.get().groups, []);
  const held = world.server.groups.get(group)!;
  held.members.add('alice');
  held.changed = world.server.now();
  alice.wake();
  await world.clock.advance(5_000);
  assert.deepEqual([conversation.get().refreshing, conversation.get().unknown], [false, false]);
  assert.equal(conversation.get().group?.name, 'Climbers');
  await world.close();
});

test('whether one may post is known once the group was opened, and read again when it is opened again', async () => {
  const world = new World(28);
  const alice = await world.person('alice');
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  const held = world.server.groups.get(group)!;
  held.onlyModeratorsPost = true;
  alice.wake();
  const first = alice.open(group);
  await world.clock.advance(5_000);
  assert.equal(first.get().group?.mayPost, false);
  first.close();
  held.onlyModeratorsPost = false;
  held.changed = world.server.now();
  alice.wake();
  await world.clock.advance(5_000);
  const again = alice.open(group);
  await world.clock.advance(5_000);
  assert.equal(again.get().group?.mayPost, true);
  await world.close();
});

for (const afterMs of [60, 150, 300, 600, 1_200]) {
  test(`who signs out ${afterMs} ms into the first sync leaves nothing to the next one`, async () => {
    const world = new World(29);
    const store = new SlowStore(world.clock, 10);
    await world.person('bob');
    const client = world.client({ store });
    await world.done(client.signUp('alice', PASSWORD));
    const groups = Array.from({ length: 20 }, (_, n) => world.server.addGroup(`Group ${n}`, ['alice', 'carol']));
    for (const group of groups) {
      const id = mintId(world.clock.now(), CAROL, world.random.bytes(6));
      world.server.say(group, 'carol', { id, text: 'for alice' });
    }
    client.wake();
    const conversation = client.open(groups[0]!);
    await world.clock.advance(afterMs);
    await world.done(client.signOut());
    await world.done(client.signIn('bob', PASSWORD));
    await world.clock.advance(60_000);
    const held = await store.start();
    // A conversation that is left open is looked for in the next one's name, and found to be unknown.
    assert.deepEqual(
      held.groups.filter(({ unknown }) => !unknown),
      [],
    );
    for (const group of groups) assert.deepEqual(await store.ids(group, EVERYTHING), []);
    assert.deepEqual(client.groups.list.get().groups, []);
    assert.deepEqual(shownTexts(conversation.get()), []);
    assert.equal(held.meta.me?.name, 'bob');
    // Nor a status cursor, with which the next one would miss what is older.
    assert.equal(client.groups.list.get().complete, true);
    await world.close();
  });
}

test('what a store holds of nobody is not for who signs in', async () => {
  const world = new World(34);
  const store = new MemoryStore();
  const id = '7a3c1d9a-8a43-5d0e-9b5f-3f8a0f0f7d11';
  await store.commit({
    groups: new Map([[id, () => newGroup(id)]]),
    meta: (meta) => ({ ...meta, statusCursor: String(Number.MAX_SAFE_INTEGER) }),
  });
  const alice = await world.person('alice', { store });
  assert.deepEqual(alice.groups.list.get().groups, []);
  assert.deepEqual((await store.start()).groups, []);
  await world.close();
});

test('the next one in the same page asks for the profiles anew that the one before had asked for', async () => {
  const world = new World(30);
  const client = await world.person('alice');
  await world.person('bob');
  world.server.changeProfile('bob', { display_name: 'Bob the Builder' });
  await world.done(client.people.find('@bob'));
  await world.done(client.signOut());
  await world.done(client.signUp('dora', PASSWORD));
  assert.equal(client.people.snapshot.get().people.get('@bob'), undefined);
  await world.done(client.people.find('@bob'));
  assert.equal(client.people.snapshot.get().people.get('@bob')?.displayName, 'Bob the Builder');
  await world.close();
});

test('when the disk is lost while messages wait, they are still shown, and sent when there is a network', async () => {
  const world = new World(31);
  const disk = new TabDisk(new MemoryStore());
  const alice = await world.person('alice', { store: disk, tabs: new TabHub().tab() });
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  world.server.say(group, 'carol', { id: mintId(world.clock.now(), CAROL, world.random.bytes(6)), text: 'hi' });
  alice.wake();
  const conversation = alice.open(group);
  await world.clock.advance(5_000);
  world.server.faults = { ...NO_FAULTS, lostCalls: 1, lostSockets: 1 };
  world.server.cutSockets();
  const said = ['one', 'two', 'three'];
  for (const text of said) await world.done(conversation.send({ text }));
  disk.isLost = true;
  await world.clock.advance(60_000);
  assert.equal(alice.storage.get().durable, false);
  assert.deepEqual(
    alice.outbox.snapshot.get().items.map(({ text }) => text),
    said,
  );
  assert.deepEqual(shownTexts(conversation.get()), ['hi', ...said]);
  world.server.faults = NO_FAULTS;
  await world.clock.advance(180_000);
  assert.deepEqual(
    world.server.shown(group).map((row) => row.text),
    ['hi', ...said],
  );
  assert.deepEqual(alice.outbox.snapshot.get().items, []);
  assert.deepEqual(shownTexts(conversation.get()), ['hi', ...said]);
  // The rows are read from the server anew.
  const again = alice.open(group);
  conversation.close();
  await world.clock.advance(5_000);
  assert.deepEqual(shownTexts(again.get()), ['hi', ...said]);
  await world.close();
});

test('a client whose disk can no longer be read when it starts does start', async () => {
  const world = new World(32);
  const disk = new TabDisk(new MemoryStore());
  disk.isLost = true;
  const alice = await world.person('alice', { store: disk, tabs: new TabHub().tab() });
  assert.equal(alice.session.get().state, 'signed-in');
  assert.deepEqual(alice.storage.get(), { kind: 'memory', durable: false, reason: 'failed' });
  await world.close();
});

test('a clock that is set back does not make sending wait', async () => {
  const world = new World(33);
  const day = 86_400_000;
  // The world's clock is the machine's; the server knows better.
  world.server.clockAheadMs = -day;
  const alice = await world.person('alice');
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  const texts = () => world.server.shown(group).map((row) => row.text);
  alice.wake();
  const conversation = alice.open(group);
  await world.clock.advance(2_000);
  const setRight = () => {
    world.clock.step(-day);
    world.server.clockAheadMs = 0;
  };
  const setWrong = () => {
    world.clock.step(day);
    world.server.clockAheadMs = -day;
  };

  // A burst has emptied the bucket.
  world.server.sendsPer10s = 10;
  for (let n = 0; n < 12; n++) await world.done(conversation.send({ text: `n${n}` }));
  setRight();
  await world.clock.advance(30_000);
  assert.equal(texts().length, 12);
  world.server.sendsPer10s = Infinity;

  setWrong();
  await world.clock.advance(2_000);
  world.server.faults = { ...NO_FAULTS, lostCalls: 1, lostSockets: 1 };
  world.server.cutSockets();
  await world.done(conversation.send({ text: 'from the tunnel' }));
  await world.clock.advance(20_000);
  assert.equal(texts().length, 12);
  setRight();
  // No socket, which would end all waiting.
  world.server.faults = { ...NO_FAULTS, lostSockets: 1 };
  await world.clock.advance(90_000);
  assert.equal(texts().length, 13);
  assert.equal(alice.connection.get().state, 'polling');
  await world.close();
});

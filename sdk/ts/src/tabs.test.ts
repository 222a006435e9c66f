import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mintId } from './base/uuid.js';
import type { Conversation } from './public/conversation.js';
import { LateStore } from './store/late_store.js';
import { MemoryStore } from './store/memory_store.js';
import type { Store } from './store/store.js';
import { EVERYTHING } from './sync/known_ranges.js';
import { FullableStore, TabDisk } from './testing/fullable_store.js';
import { TabHub } from './testing/fake_tabs.js';
import { SlowStore } from './testing/slow_store.js';
import { PASSWORD, shownTexts, World } from './testing/world.js';

const CAROL = '5f3c1d9a-8a43-4d0e-9b5f-3f8a0f0f7d11';

/** Two tabs on one store; the first one leads. */
async function twoTabs(seed: number) {
  const world = new World(seed);
  const hub = new TabHub();
  const store = new MemoryStore();
  const firstTab = hub.tab();
  const first = await world.person('alice', { store, tabs: firstTab });
  const second = world.client({ store, tabs: hub.tab() });
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  await world.clock.advance(2_000);
  return { world, hub, store, first, firstTab, second, group };
}

const deliveries = (conversation: Conversation) =>
  [...conversation.get().entries].map((entry) => entry.type === 'message' && entry.message.delivery);

test('only one tab calls the server, and both show the same', async () => {
  const { world, first, second, group } = await twoTabs(1);
  assert.equal(second.session.get().state, 'signed-in');
  const [here, there] = [first.open(group), second.open(group)];
  await world.clock.advance(2_000);
  const before = world.server.calls.length;
  await world.done(there.send({ text: 'from the second tab' }));
  await world.clock.advance(5_000);
  assert.deepEqual(world.server.calls.slice(before).filter((call) => call.startsWith('PUT')).length, 1);
  world.server.say(group, 'carol', { id: mintId(world.clock.now(), CAROL, world.random.bytes(6)), text: 'hi' });
  await world.clock.advance(5_000);
  for (const conversation of [here, there]) {
    assert.deepEqual(shownTexts(conversation.get()), ['from the second tab', 'hi']);
    assert.deepEqual(deliveries(conversation), ['stored', 'stored']);
    assert.equal(conversation.get().trust.state, 'complete');
  }
  assert.equal(second.connection.get().state, 'connected');
  assert.deepEqual(second.groups.list.get(), first.groups.list.get());
  await world.close();
});

test('when the leading tab goes, the other one sends what it left and hears what comes', async () => {
  const { world, first, second, group } = await twoTabs(2);
  const there = second.open(group);
  await world.clock.advance(2_000);
  world.server.faults = { ...world.server.faults, lostCalls: 1 };
  await world.done(first.send(group, { text: 'left behind' }));
  await world.clock.advance(1_000);
  await world.done(first.close());
  world.server.faults = { ...world.server.faults, lostCalls: 0 };
  await world.clock.advance(60_000);
  world.server.say(group, 'carol', { id: mintId(world.clock.now(), CAROL, world.random.bytes(6)), text: 'hi' });
  await world.clock.advance(5_000);
  assert.deepEqual(shownTexts(there.get()), ['left behind', 'hi']);
  assert.deepEqual(deliveries(there), ['stored', 'stored']);
  await world.close();
});

test('what a dying tab stored and did not tell is shown by the one that takes its place', async () => {
  const { world, first, firstTab, second, group } = await twoTabs(6);
  const there = second.open(group);
  await world.clock.advance(2_000);
  firstTab.isMute = true;
  world.server.say(group, 'carol', { id: mintId(world.clock.now(), CAROL, world.random.bytes(6)), text: 'hi' });
  await world.clock.advance(2_000);
  assert.deepEqual(shownTexts(there.get()), []);
  await world.done(first.close());
  await world.clock.advance(2_000);
  assert.deepEqual(shownTexts(there.get()), ['hi']);
  await world.close();
});

test('what another tab tells while this one still reads its store is not lost', async () => {
  const { world, first, hub, store, group } = await twoTabs(8);
  const here = first.open(group);
  await world.clock.advance(2_000);
  let letGo = () => {};
  const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
  const start = async () => {
    const read = await store.start();
    await isLetGo;
    return read;
  };
  const slow: Store = Object.assign(Object.create(store) as MemoryStore, { start });
  const third = world.client({ store: slow, tabs: hub.tab() });
  const there = third.open(group);
  await world.clock.advance(100);
  world.server.say(group, 'carol', { id: mintId(world.clock.now(), CAROL, world.random.bytes(6)), text: 'hi' });
  await world.clock.advance(2_000);
  assert.deepEqual(shownTexts(here.get()), ['hi']);
  letGo();
  await world.clock.advance(0);
  assert.deepEqual(shownTexts(there.get()), ['hi']);
  assert.equal(third.groups.list.get().groups.find(({ id }) => id === group)?.lastMessage?.text, 'hi');
  await world.close();
});

test('a polled group that is open in the other tab only is polled', async () => {
  const { world, second } = await twoTabs(3);
  const polled = world.server.addGroup('Many', ['alice', 'carol'], false);
  const there = second.open(polled);
  await world.clock.advance(10_000);
  world.server.say(polled, 'carol', { id: mintId(world.clock.now(), CAROL, world.random.bytes(6)), text: 'hi' });
  await world.clock.advance(5_000);
  assert.deepEqual(shownTexts(there.get()), ['hi']);
  await world.close();
});

test('signing out in one tab signs out the other and empties it', async () => {
  const { world, first, second, group } = await twoTabs(4);
  const here = first.open(group);
  await world.done(here.send({ text: 'mine' }));
  await world.clock.advance(5_000);
  await world.done(second.signOut());
  await world.clock.advance(5_000);
  assert.deepEqual(first.session.get(), { state: 'signed-out', reason: 'by-user' });
  assert.deepEqual(first.groups.list.get().groups, []);
  assert.equal(here.get().entries.length, 0);
  await world.close();
});

for (const afterMs of [60, 150, 300, 600]) {
  test(`who signs out in another tab, ${afterMs} ms into the sync of the leading one, leaves nothing to the next one`, async () => {
    const world = new World(11);
    const hub = new TabHub();
    const store = new SlowStore(world.clock, 10);
    await world.person('bob');
    const first = world.client({ store, tabs: hub.tab() });
    const second = world.client({ store, tabs: hub.tab() });
    await world.done(first.signUp('alice', PASSWORD));
    await world.clock.advance(2_000);
    const groups = Array.from({ length: 20 }, (_, n) => world.server.addGroup(`Group ${n}`, ['alice', 'carol']));
    for (const group of groups) {
      const id = mintId(world.clock.now(), CAROL, world.random.bytes(6));
      world.server.say(group, 'carol', { id, text: 'for alice' });
    }
    first.wake();
    await world.clock.advance(afterMs);
    await world.done(second.signOut());
    await world.done(second.signIn('bob', PASSWORD));
    await world.clock.advance(60_000);
    const held = await store.start();
    assert.deepEqual(held.groups, []);
    for (const group of groups) assert.deepEqual(await store.ids(group, EVERYTHING), []);
    for (const client of [first, second]) {
      assert.deepEqual(client.groups.list.get().groups, []);
      const session = client.session.get();
      assert.equal(session.state === 'signed-in' && session.me.name, 'bob');
    }
    // The leading tab works for the next one now.
    const group = world.server.addGroup('Sailors', ['bob', 'carol']);
    first.wake();
    await world.clock.advance(5_000);
    for (const client of [first, second])
      assert.deepEqual(
        client.groups.list.get().groups.map(({ id }) => id),
        [group],
      );
    await world.close();
  });
}

test('both tabs renew a token once', async () => {
  const { world, first, second, group } = await twoTabs(5);
  await world.clock.advance(14.5 * 60_000);
  const before = world.server.calls.length;
  await world.done(Promise.all([first.groups.members(group), second.groups.members(group)]));
  const renewals = world.server.calls.slice(before).filter((call) => call.endsWith('/refresh'));
  assert.equal(renewals.length, 1);
  await world.close();
});

test('with a full disk the tabs still have one outbox and show the same', async () => {
  const disk = new FullableStore();
  const world = new World(7);
  const hub = new TabHub();
  const first = await world.person('alice', { store: new LateStore(async () => disk), tabs: hub.tab() });
  const second = world.client({ store: new LateStore(async () => disk), tabs: hub.tab() });
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  await world.clock.advance(2_000);
  const [here, there] = [first.open(group), second.open(group)];
  await world.clock.advance(2_000);
  disk.isFull = true;
  await world.done(there.send({ text: 'one' }));
  await world.clock.advance(5_000);
  await world.done(here.send({ text: 'two' }));
  await world.clock.advance(5_000);
  for (const [client, conversation] of [
    [first, here],
    [second, there],
  ] as const) {
    assert.deepEqual(shownTexts(conversation.get()), ['one', 'two']);
    assert.deepEqual(deliveries(conversation), ['stored', 'stored']);
    assert.deepEqual(client.outbox.snapshot.get().items, []);
    assert.equal(client.storage.get().reason, 'quota-exceeded');
  }
  assert.equal(world.server.calls.filter((call) => call.startsWith('PUT /v1/messages')).length, 2);
  await world.done(first.close());
  world.server.say(group, 'carol', { id: mintId(world.clock.now(), CAROL, world.random.bytes(6)), text: 'three' });
  await world.clock.advance(5_000);
  assert.deepEqual(shownTexts(there.get()), ['one', 'two', 'three']);
  await world.close();
});

test('with a disk that is full for the leading tab alone, what is said in the other one is kept and sent', async () => {
  const world = new World(9);
  const hub = new TabHub();
  const shared = new MemoryStore();
  const disk = new TabDisk(shared);
  const first = await world.person('alice', { store: disk, tabs: hub.tab() });
  const second = world.client({ store: new TabDisk(shared), tabs: hub.tab() });
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  await world.clock.advance(2_000);
  const [here, there] = [first.open(group), second.open(group)];
  await world.clock.advance(2_000);
  disk.isFull = true;
  world.server.say(group, 'carol', { id: mintId(world.clock.now(), CAROL, world.random.bytes(6)), text: 'hi' });
  await world.clock.advance(3_000);
  assert.equal(first.storage.get().reason, 'quota-exceeded');
  assert.equal(second.storage.get().durable, true);
  world.server.faults = { ...world.server.faults, lostCalls: 1, lostSockets: 1 };
  world.server.cutSockets();
  await world.done(there.send({ text: 'kept' }));
  await world.clock.advance(5_000);
  for (const client of [first, second]) assert.equal(client.outbox.snapshot.get().items.length, 1);
  assert.equal((await shared.start()).outbox.length, 1);
  world.server.faults = { ...world.server.faults, lostCalls: 0, lostSockets: 0 };
  await world.clock.advance(180_000);
  for (const conversation of [here, there]) {
    assert.deepEqual(shownTexts(conversation.get()), ['hi', 'kept']);
    assert.deepEqual(deliveries(conversation), ['stored', 'stored']);
  }
  for (const client of [first, second]) assert.deepEqual(client.outbox.snapshot.get().items, []);
  assert.deepEqual((await shared.start()).outbox, []);
  await world.close();
});

test('a message that was discarded is not sent by a leader that has not heard of it', async () => {
  const { world, first, second, store, group } = await twoTabs(10);
  await world.clock.advance(2_000);
  world.server.faults = { ...world.server.faults, unavailable: 1 };
  await world.done(first.send(group, { text: 'one' }));
  await world.done(second.send(group, { text: 'two' }));
  await world.clock.advance(1_000);
  const [, behind] = second.outbox.snapshot.get().items;
  // As if its word were on the way still.
  await store.commit({ outbox: new Map([[behind!.key, () => undefined]]) });
  world.server.faults = { ...world.server.faults, unavailable: 0 };
  await world.clock.advance(60_000);
  assert.deepEqual(
    world.server.shown(group).map((row) => row.text),
    ['one'],
  );
  await world.close();
});

test('where the browser stores nothing, each tab is a client of its own', async () => {
  const world = new World(8);
  const hub = new TabHub();
  const unavailable = () => Promise.reject(new Error('private mode'));
  const first = await world.person('alice', { openStore: unavailable, tabs: hub.tab() });
  const second = await world.person('alice', { openStore: unavailable, tabs: hub.tab() });
  const group = world.server.addGroup('Climbers', ['alice', 'carol']);
  const conversations = [first.open(group), second.open(group)];
  for (const client of [first, second]) client.wake();
  await world.done(conversations[1]!.send({ text: 'hi' }));
  await world.clock.advance(10_000);
  for (const conversation of conversations) assert.deepEqual(shownTexts(conversation.get()), ['hi']);
  assert.equal(second.storage.get().reason, 'not-available');
  await world.close();
});

for (const clockErrorMs of [-60_000, 60_000]) {
  test(`where all tabs lead, a message stays one message by a clock that is ${clockErrorMs} ms wrong`, async () => {
    const world = new World(12);
    const hub = new TabHub();
    const store = new MemoryStore();
    // As without Web Locks.
    const tab = () => Object.assign(hub.tab(), { lead: (onLead: () => void) => onLead() });
    const before = await world.person('alice', { store, tabs: tab() });
    const group = world.server.addGroup('Climbers', ['alice', 'carol']);
    await world.clock.advance(2_000);
    await world.done(before.close());
    world.server.faults = { ...world.server.faults, lostCalls: 1, lostSockets: 1 };
    const clients = [1, 2].map(() => world.client({ store, tabs: tab(), clockErrorMs }));
    await world.done(Promise.all(clients.map((client) => client.ready)));
    const conversation = clients[0]!.open(group);
    await world.done(conversation.send({ text: 'once' }));
    await world.clock.advance(5_000);
    world.server.faults = { ...world.server.faults, lostCalls: 0, lostSockets: 0 };
    for (const client of clients) client.wake();
    await world.clock.advance(120_000);
    assert.deepEqual(
      world.server.shown(group).map((row) => row.text),
      ['once'],
    );
    for (const client of clients) assert.deepEqual(client.outbox.snapshot.get().items, []);
    await world.close();
  });
}

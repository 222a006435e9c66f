import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createClient } from '../client.js';
import type { Client } from '../public/client.js';
import type { ConversationSnapshot } from '../public/conversation.js';
import { rawCall } from '../testing/raw_call.js';
import { PROGRAM, Server } from '../testing/server.js';
import { until } from '../testing/until.js';
import { shownTexts } from '../testing/world.js';

const PASSWORD = 'correct horse battery';

describe('two people and a real server', { skip: PROGRAM ? false : 'TIDINGS names no program' }, () => {
  let server: Server;
  let alice: Client;
  let bob: Client;
  before(async () => {
    server = await Server.start();
    alice = createClient({ url: server.url, storage: 'memory' });
    bob = createClient({ url: server.url, storage: 'memory' });
    await Promise.all([alice.signUp('alice', PASSWORD), bob.signUp('bob', PASSWORD)]);
  });
  after(async () => {
    await Promise.all([alice?.close(), bob?.close()]);
    await server?.stop();
  });

  test('a message to somebody never written to shows on both sides, and is proven complete', async () => {
    const group = await alice.groups.direct('@bob');
    const hers = alice.open(group);
    await hers.send({ text: 'Good morning, Bob! ☀️' });
    const list = await until(bob.groups.list, ({ groups }) =>
      groups.some((one) => one.id === group && one.unread === 1),
    );
    assert.equal(list.groups[0]?.lastMessage?.text, 'Good morning, Bob! ☀️');
    const his = bob.open(group);
    const seen = await until(his, (snapshot) => snapshot.entries.length === 1 && snapshot.trust.state === 'complete');
    assert.deepEqual(shownTexts(seen), ['Good morning, Bob! ☀️']);
    assert.equal(seen.group?.peer, '@alice');
    assert.equal(seen.trust.last?.local.sum, seen.trust.last?.server.sum);
    await until(hers, ({ entries }) => {
      const entry = entries.at(0);
      return entry?.type === 'message' && entry.message.delivery === 'stored';
    });
    await until(alice.outbox.snapshot, ({ items }) => items.length === 0);
    hers.close();
    his.close();
  });

  test('edits, reactions and deletions reach the other side', async () => {
    const group = await alice.groups.direct('@bob');
    const [hers, his] = [alice.open(group), bob.open(group)];
    const id = await hers.send({ text: 'Sundy?' });
    await hers.edit(id, 'Sunday?');
    const find = ({ entries }: ConversationSnapshot) => {
      const entry = entries.at(entries.indexOf(id));
      return entry?.type === 'message' ? entry.message : undefined;
    };
    await until(his, (snapshot) => find(snapshot)?.text === 'Sunday?');
    await his.react(id, '🎉');
    const reacted = await until(hers, (snapshot) => (find(snapshot)?.reactions.length ?? 0) > 0);
    assert.deepEqual(find(reacted)?.reactions, [{ emoji: '🎉', count: 1, me: false }]);
    await his.react(id, '🎉', true);
    await until(hers, (snapshot) => find(snapshot)?.reactions.length === 0);
    await hers.delete(id);
    const gone = await until(his, (snapshot) => find(snapshot)?.deleted === true);
    assert.equal(find(gone)?.text, undefined);
    hers.close();
    his.close();
  });

  test('what is read on one side is unread no more, and the server knows', async () => {
    const group = await alice.groups.direct('@bob');
    await alice.send('@bob', { text: 'read me' });
    const his = bob.open(group);
    await until(bob.groups.list, ({ groups }) => (groups.find((one) => one.id === group)?.unread ?? 0) > 0);
    await until(his, (snapshot) => shownTexts(snapshot).at(-1) === 'read me');
    await his.markRead();
    assert.equal(bob.groups.list.get().unread, 0);
    const body = { name: 'bob', password: PASSWORD };
    const { session } = await rawCall<{ session: { access_token: string } }>(server.url, 'POST', '/v1/sessions', {
      body,
    });
    for (let unread = 1, tries = 0; unread > 0; tries++) {
      assert.ok(tries < 500, 'the server was not told');
      const token = session.access_token;
      const { groups } = await rawCall<{ groups: { unread: number }[] }>(server.url, 'GET', '/v1/status?with=unread', {
        token,
      });
      unread = groups.reduce((sum, one) => sum + one.unread, 0);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    his.close();
  });

  test('a group of several, with history that is loaded page by page', async () => {
    const { id } = await alice.groups.create({ name: 'Climbers', members: ['@bob'] });
    const hers = alice.open(id);
    await Promise.all(Array.from({ length: 250 }, (_, n) => hers.send({ text: `n${n}` })));
    await until(alice.outbox.snapshot, ({ items }) => items.length === 0);
    const fresh = createClient({ url: server.url, storage: 'memory' });
    await fresh.signIn('bob', PASSWORD);
    const his = fresh.open(id);
    await until(his, (snapshot) => snapshot.entries.length > 0);
    while (his.get().hasOlder) await his.loadOlder(100);
    assert.deepEqual(
      shownTexts(his.get()),
      Array.from({ length: 250 }, (_, n) => `n${n}`),
    );
    await his.check();
    await until(his, ({ trust }) => trust.state === 'complete' && trust.last?.server.count === 250);
    await fresh.close();
    hers.close();
  });

  test('a session that is ended elsewhere is a sign-out with its reason, and the outbox stays', async () => {
    const other = createClient({ url: server.url, storage: 'memory', device: 'Phone' });
    await other.signIn('alice', PASSWORD);
    const phone = (await alice.sessions()).find((session) => session.device === 'Phone');
    await alice.endSession(phone!.id);
    await until(other.session, ({ state }) => state === 'signed-out');
    assert.deepEqual(other.session.get(), { state: 'signed-out', reason: 'ended-by-server', lastName: 'alice' });
    await other.close();
  });
});

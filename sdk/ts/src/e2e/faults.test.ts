import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createClient } from '../client.js';
import type { Client, ClientOptions } from '../public/client.js';
import type { Conversation } from '../public/conversation.js';
import { FaultyProxy } from '../testing/faulty_proxy.js';
import { rawCall } from '../testing/raw_call.js';
import { seededRandom, testSeed } from '../testing/seeded_random.js';
import { PROGRAM, Server } from '../testing/server.js';
import { until } from '../testing/until.js';
import { PASSWORD, shownTexts } from '../testing/world.js';

const EACH = 40;

describe(
  'a real server behind a proxy that cuts, delays and repeats',
  { skip: PROGRAM ? false : 'TIDINGS names no program' },
  () => {
    const seed = testSeed('faults');
    let server: Server;
    let proxy: FaultyProxy;
    before(async () => {
      server = await Server.start();
      proxy = await FaultyProxy.start(() => server.port, seededRandom(seed));
    });
    after(async () => {
      await proxy?.stop();
      await server?.stop();
    });

    test('everything that was committed arrives once, in order, everywhere; also when the server is killed on the way', async () => {
      const options = (database: string): ClientOptions => ({ url: proxy.url, database });
      // Two tabs of Alice on one store: without Web Locks both do all the work.
      const tabs = [createClient(options('alice')), createClient(options('alice'))];
      const bob = createClient(options('bob'));
      const [alice, other] = tabs as [Client, Client];
      await alice.signUp('alice', PASSWORD);
      await bob.signUp('bob', PASSWORD);
      await until(other.session, ({ state }) => state === 'signed-in');
      const { id } = await alice.groups.create({ name: 'Climbers', members: ['@bob'] });
      proxy.faults = { cut: 0.15, delay: 0.2, twice: 0.1 };
      const writers: [string, Conversation][] = [
        ['a', alice.open(id)],
        ['o', other.open(id)],
        ['b', bob.open(id)],
      ];
      for (let n = 0; n < EACH; n++) {
        for (const [name, conversation] of writers) await conversation.send({ text: `${name}${n}` });
        if (n === EACH / 2) {
          await server.kill();
          await server.start();
        }
      }
      for (const client of [alice, other, bob])
        await until(client.outbox.snapshot, ({ items }) => items.length === 0, 90_000);
      proxy.faults = { cut: 0, delay: 0, twice: 0 };
      for (const client of [alice, other, bob]) client.wake();

      const { session } = await rawCall<{ session: { access_token: string } }>(server.url, 'POST', '/v1/sessions', {
        body: { name: 'bob', password: PASSWORD },
      });
      const { messages } = await rawCall<{ messages: { text: string }[] }>(
        server.url,
        'GET',
        `/v1/groups/${id}/messages?limit=200`,
        {
          token: session.access_token,
        },
      );
      const stored = messages.map(({ text }) => text);
      assert.equal(new Set(stored).size, stored.length);
      assert.equal(stored.length, 3 * EACH);
      for (const [name, conversation] of writers) {
        assert.deepEqual(
          stored.filter((text) => text.startsWith(name)),
          Array.from({ length: EACH }, (_, n) => `${name}${n}`),
        );
        await until(conversation, ({ entries }) => entries.length === stored.length, 90_000);
        assert.deepEqual(shownTexts(conversation.get()), stored);
        await conversation.check();
        await until(
          conversation,
          ({ trust }) => trust.state === 'complete' && (trust.last?.server.count ?? 0) >= stored.length,
        );
      }
      for (const client of [alice, other, bob]) await client.close();
    });
  },
);

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mintId } from './base/uuid.js';
import type { TidingsClient } from './client.js';
import type { Conversation } from './public/conversation.js';
import type { Reaction } from './public/message.js';
import { MemoryStore } from './store/memory_store.js';
import { NO_FAULTS } from './testing/fake_server.js';
import { testSeed } from './testing/seeded_random.js';
import { shownTexts, World } from './testing/world.js';

const CAROL = '5f3c1d9a-8a43-4d0e-9b5f-3f8a0f0f7d11';
const ROUNDS = Number(process.env['TIDINGS_TEST_ROUNDS'] ?? 4);

/** Somebody with a client that is now and then closed and opened again on its store. */
class Person {
  readonly store = new MemoryStore();
  client!: TidingsClient;
  conversations: Conversation[] = [];
  written = 0;

  constructor(
    readonly name: string,
    private readonly world: World,
  ) {}

  async signUp(groups: readonly string[]): Promise<void> {
    this.client = await this.world.person(this.name, { store: this.store });
    this.open(groups);
  }

  async reload(groups: readonly string[]): Promise<void> {
    await this.world.done(this.client.close());
    this.client = this.world.client({ store: this.store });
    this.open(groups);
  }

  private open(groups: readonly string[]): void {
    this.conversations = groups.map((group) => this.client.open(group));
  }
}

/** One thing that happens to one person. */
async function act(world: World, person: Person, groups: readonly string[]): Promise<void> {
  const { random } = world;
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.fraction() * items.length)]!;
  const conversation = pick(person.conversations);
  const { entries } = conversation.get();
  const some = entries.at(Math.floor(random.fraction() * entries.length));
  const chance = random.fraction();
  if (person.client.session.get().state !== 'signed-in') return;
  if (chance < 0.45) {
    await world.done(conversation.send({ text: `${person.name} ${person.written++}` }));
  } else if (chance < 0.55 && some?.type === 'message' && some.message.mine) {
    await world.done(conversation.edit(some.message.id, `${some.message.text}!`));
  } else if (chance < 0.62 && some?.type === 'message' && some.message.delivery === 'stored') {
    await world.done(conversation.react(some.message.id, pick(['🎉', '👍']), random.fraction() < 0.3));
  } else if (chance < 0.65 && some?.type === 'message' && some.message.mine) {
    await world.done(conversation.delete(some.message.id));
  } else if (chance < 0.7) {
    void conversation.loadOlder(20);
  } else if (chance < 0.75) {
    for (const entry of entries) if (entry.type === 'gap') void conversation.fillGap(entry);
  } else if (chance < 0.8) {
    await world.done(conversation.markRead());
  } else if (chance < 0.83) {
    world.server.cutSockets();
  } else if (chance < 0.86) {
    await person.reload(groups);
  } else {
    const late = random.fraction() < 0.3 ? random.fraction() * 60_000 : 0;
    const id = mintId(Math.floor(world.clock.now() - late), CAROL, random.bytes(6));
    world.server.say(conversation.id, 'carol', { id, text: `carol ${id.slice(-4)}` });
  }
}

async function fillEverything(world: World, conversation: Conversation): Promise<void> {
  for (let pages = 0; ; pages++) {
    assert.ok(pages < 200, 'gaps do not end');
    const gap = [...conversation.get().entries].find((entry) => entry.type === 'gap');
    if (gap?.type === 'gap') await world.done(conversation.fillGap(gap));
    else if (conversation.get().hasOlder) await world.done(conversation.loadOlder(30));
    else return;
  }
}

function sorted(reactions: readonly Reaction[]): Reaction[] {
  return [...reactions].sort((a, b) => (a.emoji < b.emoji ? -1 : 1));
}

function reactionsOf(conversation: Conversation): Reaction[][] {
  return [...conversation.get().entries].map((entry) =>
    entry.type === 'message' ? sorted(entry.message.reactions) : [],
  );
}

test('whatever breaks on the way, in the end everybody sees what was sent, once and in order', async () => {
  const seed = testSeed('chaos');
  for (let round = 0; round < ROUNDS; round++) {
    const world = new World(seed + round);
    const { server, random, clock } = world;
    const people = [new Person('alice', world), new Person('bob', world)];
    server.skipBeyond = 30;
    const groups = [
      server.addGroup('pushed', ['alice', 'bob', 'carol']),
      server.addGroup('polled', ['alice', 'bob', 'carol'], false),
    ];
    for (const person of people) await person.signUp(groups);
    server.faults = {
      lostCalls: 0.1,
      lostAnswers: 0.1,
      twice: 0.1,
      unavailable: 0.05,
      tooMany: 0.03,
      nonsense: 0.05,
      slow: 0.1,
      lostSockets: 0.1,
    };
    for (let step = 0; step < 120; step++) {
      for (const person of people) await act(world, person, groups);
      await clock.advance(random.fraction() * 3_000);
    }
    server.faults = NO_FAULTS;
    await clock.advance(11 * 60_000);
    for (const person of people) {
      const where = `seed ${seed + round}, ${person.name}`;
      assert.deepEqual(person.client.outbox.snapshot.get().items, [], where);
      for (const conversation of person.conversations) {
        await fillEverything(world, conversation);
        await world.done(conversation.check());
        await clock.advance(5_000);
        const wanted = server.shown(conversation.id, person.name);
        assert.deepEqual(
          shownTexts(conversation.get()),
          wanted.map((row) => row.text),
          where,
        );
        assert.deepEqual(
          reactionsOf(conversation),
          wanted.map((row) => sorted(row.reactions ?? [])),
          where,
        );
        const arrived = server.arrivalsOf(conversation.id, person.name);
        assert.deepEqual(arrived, [...arrived].sort(), where);
        const { trust } = conversation.get();
        assert.equal(trust.state, 'complete', where);
        assert.equal(trust.last?.server.count, server.ids(conversation.id).length, where);
      }
    }
    await world.close();
  }
});

import type { Random } from '../base/random.js';
import { TidingsClient } from '../client.js';
import { SingleTab, type Tabs } from '../platform/tabs.js';
import type { ConversationSnapshot } from '../public/conversation.js';
import { MemoryStore } from '../store/memory_store.js';
import type { Store } from '../store/store.js';
import { FakeServer } from './fake_server.js';
import { ManualClock } from './manual_clock.js';
import { seededRandom } from './seeded_random.js';

export const PASSWORD = 'correct horse battery';

/** A fake server, a clock that stands still, and clients that know nothing else. */
export class World {
  readonly clock = new ManualClock();
  readonly random: Random;
  readonly server: FakeServer;
  readonly clients: TidingsClient[] = [];

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.server = new FakeServer(this.clock, this.random);
  }

  /** With a clock of its own that is wrong by `clockErrorMs`. */
  client(
    options: { store?: Store; openStore?: () => Promise<Store>; tabs?: Tabs; clockErrorMs?: number } = {},
  ): TidingsClient {
    const { store = new MemoryStore(), tabs = new SingleTab(), clockErrorMs = 0 } = options;
    const client = new TidingsClient(
      { url: 'http://server.example', storage: tabs.shared ? 'indexeddb' : 'memory' },
      {
        fetch: this.server.fetch,
        openSocket: this.server.openSocket,
        clock: {
          now: () => this.clock.now() + clockErrorMs,
          elapsed: () => this.clock.elapsed(),
          after: (ms, callback) => this.clock.after(ms, callback),
        },
        random: this.random,
        page: { onWake: () => () => {} },
        tabs,
        openStore: options.openStore ?? (async () => store),
      },
    );
    this.clients.push(client);
    return client;
  }

  /** A client that has signed up as `name`. */
  async person(name: string, options: Parameters<World['client']>[0] = {}): Promise<TidingsClient> {
    const client = this.client(options);
    await this.done(client.signUp(name, PASSWORD));
    await this.clock.advance(1_000);
    return client;
  }

  /** Lets time pass until `work` is done. */
  async done<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = work.finally(() => (isOver = true));
    over.catch(() => {});
    for (let steps = 0; !isOver; steps++) {
      if (steps === 2_000) throw new Error('It never ended.');
      await this.clock.advance(steps === 0 ? 0 : 100);
    }
    return over;
  }

  async close(): Promise<void> {
    for (const client of this.clients) await client.close();
  }
}

/** What a conversation shows: texts, and `…` for a gap. */
export function shownTexts(snapshot: ConversationSnapshot): (string | undefined)[] {
  return [...snapshot.entries].map((entry) => (entry.type === 'message' ? entry.message.text : '…'));
}

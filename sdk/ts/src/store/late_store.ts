import type { GroupId, MessageId } from '../public/ids.js';
import type { IdRange } from '../sync/known_ranges.js';
import type { Row } from './records.js';
import type { Change, Committed, StartState, Store } from './store.js';

/** A store that is still being opened: everything waits for it. */
export class LateStore implements Store {
  private opened?: Promise<Store>;

  constructor(private readonly opening: () => Promise<Store>) {}

  private get store(): Promise<Store> {
    return (this.opened ??= this.opening());
  }

  /** Resolves when it is open. */
  async open(): Promise<void> {
    await this.store;
  }

  async start(): Promise<StartState> {
    return (await this.store).start();
  }

  async commit(change: Change): Promise<Committed> {
    return (await this.store).commit(change);
  }

  async rows(group: GroupId, range: IdRange, limit: number, end: 'newest' | 'oldest'): Promise<Row[]> {
    return (await this.store).rows(group, range, limit, end);
  }

  async rowsById(group: GroupId, ids: readonly MessageId[]): Promise<Row[]> {
    return (await this.store).rowsById(group, ids);
  }

  async ids(group: GroupId, range: IdRange): Promise<MessageId[]> {
    return (await this.store).ids(group, range);
  }

  async clear(epoch?: number): Promise<number> {
    return (await this.store).clear(epoch);
  }

  async close(): Promise<void> {
    return (await this.store).close();
  }
}

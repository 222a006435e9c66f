import { MemoryStore } from '../store/memory_store.js';
import { type Change, type Committed, type StartState, type Store, StoreError } from '../store/store.js';

/** A disk that can be full. Wrap it in a LateStore: the client takes a MemoryStore for what it is. */
export class FullableStore extends MemoryStore {
  isFull = false;

  override commit(change: Change): Promise<Committed> {
    return this.isFull ? Promise.reject(new StoreError('quota-exceeded', 'full')) : super.commit(change);
  }
}

/** A disk as one tab has it: it may be full, or out of reach, for this tab alone. */
export class TabDisk implements Store {
  isFull = false;
  isLost = false;

  constructor(private readonly disk: Store) {}

  start(): Promise<StartState> {
    return this.reaching(() => this.disk.start());
  }

  commit(change: Change): Promise<Committed> {
    if (this.isFull) return Promise.reject(new StoreError('quota-exceeded', 'full'));
    return this.reaching(() => this.disk.commit(change));
  }

  rows(...asked: Parameters<Store['rows']>): ReturnType<Store['rows']> {
    return this.reaching(() => this.disk.rows(...asked));
  }

  rowsById(...asked: Parameters<Store['rowsById']>): ReturnType<Store['rowsById']> {
    return this.reaching(() => this.disk.rowsById(...asked));
  }

  ids(...asked: Parameters<Store['ids']>): ReturnType<Store['ids']> {
    return this.reaching(() => this.disk.ids(...asked));
  }

  clear(epoch?: number): Promise<number> {
    return this.reaching(() => this.disk.clear(epoch));
  }

  async close(): Promise<void> {}

  private reaching<T>(work: () => Promise<T>): Promise<T> {
    return this.isLost ? Promise.reject(new StoreError('failed', 'the connection is closing')) : work();
  }
}

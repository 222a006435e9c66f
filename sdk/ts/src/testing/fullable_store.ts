import { MemoryStore } from '../store/memory_store.js';
import { type Change, type Committed, StoreError } from '../store/store.js';

/** A disk that can be full. Wrap it in a LateStore: the client takes a MemoryStore for what it is. */
export class FullableStore extends MemoryStore {
  isFull = false;

  override commit(change: Change): Promise<Committed> {
    return this.isFull ? Promise.reject(new StoreError('quota-exceeded', 'full')) : super.commit(change);
  }
}

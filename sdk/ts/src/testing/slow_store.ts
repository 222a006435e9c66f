import { type Clock, pause } from '../base/clock.js';
import type { GroupId, MessageId } from '../public/ids.js';
import { MemoryStore } from '../store/memory_store.js';
import type { Row } from '../store/records.js';
import type { Change, Committed } from '../store/store.js';

/** A disk that takes its time, by the test's clock. */
export class SlowStore extends MemoryStore {
  constructor(
    private readonly clock: Clock,
    private readonly ms: number,
  ) {
    super();
  }

  override async commit(change: Change): Promise<Committed> {
    await pause(this.clock, this.ms);
    const committed = await super.commit(change);
    await pause(this.clock, this.ms);
    return committed;
  }

  override async rowsById(group: GroupId, ids: readonly MessageId[]): Promise<Row[]> {
    await pause(this.clock, this.ms);
    return super.rowsById(group, ids);
  }
}

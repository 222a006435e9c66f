import type { GroupId, MessageId } from '../public/ids.js';
import type { IdRange } from '../sync/known_ranges.js';
import { MemoryStore } from './memory_store.js';
import { epochOf, type Row } from './records.js';
import { type Change, ClearedError, type Committed, type StartState, type Store, StoreError } from './store.js';

/** What is known in memory of what the store below holds, for when it is out of reach. */
export interface Mirror {
  readonly mirror: StartState;
  /** The same, its rows being lost. */
  salvage(): StartState;
}

/**
 * A store that goes on in memory when the one below takes no more: what was kept stays readable, what is new is held
 * above it. After a reload the kept state is an older but complete one, cursors and rows together, so that the next sync
 * brings what memory lost.
 */
export class OverlayStore implements Store {
  private above?: MemoryStore;
  private opening?: Promise<MemoryStore>;
  private isBelowHidden = false;

  constructor(
    private readonly below: Store,
    private readonly onFailure: (reason: StoreError['reason']) => void,
    private readonly mirror: Mirror,
  ) {}

  async start(): Promise<StartState> {
    if (!this.above) {
      try {
        return await this.below.start();
      } catch {
        this.opening ??= this.goOnInMemory('failed');
      }
    }
    return (this.above ?? (await this.opening!)).start();
  }

  async commit(change: Change): Promise<Committed> {
    if (!this.above) {
      try {
        return await this.below.commit(change);
      } catch (error) {
        if (error instanceof ClearedError) throw error;
        this.opening ??= this.goOnInMemory(error instanceof StoreError ? error.reason : 'failed');
      }
    }
    const above = this.above ?? (await this.opening!);
    // Rows merge with what is held: memory must know the kept ones that come again.
    const kept = await this.kept(change.rows ?? []);
    await above.commit({ rows: kept });
    const committed = await above.commit(change);
    return committed;
  }

  async rows(group: GroupId, range: IdRange, limit: number, end: 'newest' | 'oldest'): Promise<Row[]> {
    const [below, above] = await Promise.all([
      this.reading(() => this.below.rows(group, range, limit, end)),
      this.above?.rows(group, range, limit, end) ?? [],
    ]);
    const rows = [...new Map([...below, ...above].map((row) => [row.id, row])).values()].sort(byId);
    return end === 'newest' ? rows.slice(Math.max(0, rows.length - limit)) : rows.slice(0, limit);
  }

  async rowsById(group: GroupId, ids: readonly MessageId[]): Promise<Row[]> {
    const [below, above] = await Promise.all([
      this.reading(() => this.below.rowsById(group, ids)),
      this.above?.rowsById(group, ids) ?? [],
    ]);
    return [...new Map([...below, ...above].map((row) => [row.id, row])).values()];
  }

  async ids(group: GroupId, range: IdRange): Promise<MessageId[]> {
    const below = await this.reading(() => this.below.ids(group, range));
    if (!this.above) return below;
    return [...new Set([...below, ...(await this.above.ids(group, range))])].sort();
  }

  async clear(epoch?: number): Promise<number> {
    await this.opening;
    const held = await this.above?.start();
    if (held && epoch !== undefined && epochOf(held.meta) >= epoch) return epochOf(held.meta);
    const cleared = await this.above?.clear(epoch);
    try {
      const begun = await this.below.clear(epoch ?? cleared);
      delete this.above;
      delete this.opening;
      return begun;
    } catch {
      // What can't be removed is not shown to the next one either.
      this.isBelowHidden = true;
      this.onFailure('failed');
      this.above ??= new MemoryStore(this.mirror.mirror);
      return this.above.clear(epoch ?? cleared);
    }
  }

  close(): Promise<void> {
    return this.below.close();
  }

  private async goOnInMemory(reason: StoreError['reason']): Promise<MemoryStore> {
    this.onFailure(reason);
    const start = await this.below.start().catch(() => undefined);
    // A disk that was emptied under us is as good as one that is out of reach.
    const isLost = !start || start.meta.version < this.mirror.mirror.meta.version;
    this.above = new MemoryStore(isLost ? this.mirror.salvage() : start);
    return this.above;
  }

  private async kept(rows: readonly Row[]): Promise<Row[]> {
    const groups = new Map<GroupId, MessageId[]>();
    for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row.id]);
    const found = await Promise.all(
      [...groups].map(([group, ids]) => this.reading(() => this.below.rowsById(group, ids))),
    );
    return found.flat();
  }

  // A disk that does not even read is as good as empty: the server has everything.
  private async reading<T>(read: () => Promise<T[]>): Promise<T[]> {
    if (this.isBelowHidden) return [];
    try {
      return await read();
    } catch {
      this.onFailure('failed');
      return [];
    }
  }
}

function byId(a: Row, b: Row): number {
  return a.id < b.id ? -1 : 1;
}

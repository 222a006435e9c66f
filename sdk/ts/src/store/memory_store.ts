import { FIRST_ID } from '../base/uuid.js';
import type { GroupId, MessageId } from '../public/ids.js';
import type { Person } from '../public/people.js';
import { type IdRange, removeRange } from '../sync/known_ranges.js';
import {
  clearedMeta,
  EMPTY_META,
  epochOf,
  type GroupRecord,
  type Meta,
  type OutboxRecord,
  type Row,
} from './records.js';
import { type Change, ClearedError, type Committed, mergeRows, type StartState, type Store } from './store.js';

/** The rows of one group: by id, and their ids in order. */
class RowsOfGroup {
  readonly byId = new Map<MessageId, Row>();
  private readonly order: MessageId[] = [];

  put(row: Row): boolean {
    const isNew = !this.byId.has(row.id);
    this.byId.set(row.id, row);
    if (isNew) this.order.splice(this.position(row.id), 0, row.id); // nearly always the end
    return isNew;
  }

  get size(): number {
    return this.order.length;
  }

  /** Forgets all but the newest `count`; answers with the oldest that is left. */
  keepNewest(count: number): MessageId {
    for (const id of this.order.splice(0, this.order.length - count)) this.byId.delete(id);
    return this.order[0]!;
  }

  ids(range: IdRange): MessageId[] {
    return this.order.slice(this.position(range.from), this.position(range.to));
  }

  private position(id: MessageId): number {
    let [low, high] = [0, this.order.length];
    if (high === 0 || this.order[high - 1]! < id) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.order[middle]! < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Keeps everything in memory: for Node, for browsers that refuse to store, and for what no longer fits on the disk. */
export class MemoryStore implements Store {
  private meta: Meta = EMPTY_META;
  private readonly groups = new Map<GroupId, GroupRecord>();
  private readonly outbox = new Map<string, OutboxRecord>();
  private readonly people = new Map<string, Person>();
  private readonly messages = new Map<GroupId, RowsOfGroup>();

  /** Of each group about the newest `rowsMost` rows are kept: a bot lives for months. The server has the others. */
  constructor(
    start?: StartState,
    private readonly rowsMost = 50_000,
  ) {
    if (!start) return;
    this.meta = start.meta;
    for (const group of start.groups) this.groups.set(group.id, group);
    for (const item of start.outbox) this.outbox.set(item.key, item);
    for (const person of start.people) this.people.set(person.name, person);
  }

  async start(): Promise<StartState> {
    return {
      meta: this.meta,
      groups: [...this.groups.values()],
      outbox: [...this.outbox.values()].sort((a, b) => (a.key < b.key ? -1 : 1)),
      people: [...this.people.values()],
    };
  }

  async commit(change: Change): Promise<Committed> {
    if (change.epoch !== undefined && change.epoch !== epochOf(this.meta)) throw new ClearedError();
    const rows: Row[] = [];
    const added = new Set<MessageId>();
    const groups = new Map<GroupId, GroupRecord | undefined>();
    const outbox = new Map<string, OutboxRecord | undefined>();
    for (const come of change.rows ?? []) {
      let of = this.messages.get(come.group);
      if (!of) this.messages.set(come.group, (of = new RowsOfGroup()));
      const row = mergeRows(of.byId.get(come.id), come);
      if (of.put(row)) added.add(row.id);
      rows.push(row);
    }
    for (const [id, update] of change.groups ?? []) {
      const held = this.groups.get(id);
      const record = update(held);
      if (!record && !held) continue;
      groups.set(id, record);
      if (record) {
        this.groups.set(id, record);
      } else {
        this.groups.delete(id);
        this.messages.delete(id);
      }
    }
    for (const id of new Set(rows.map((row) => row.group))) this.trim(id, groups);
    for (const [key, update] of change.outbox ?? []) {
      const heldItem = this.outbox.get(key);
      const item = update(heldItem);
      if (!item && !heldItem) continue;
      outbox.set(key, item);
      if (item) this.outbox.set(key, item);
      else this.outbox.delete(key);
    }
    if (change.meta) this.meta = change.meta(this.meta);
    for (const person of change.people ?? []) this.people.set(person.name, person);
    return { rows, added, groups, outbox, people: change.people ?? [], ...(change.meta && { meta: this.meta }) };
  }

  // What is forgotten is no longer known. Not at each row: half of the room is made at once.
  private trim(id: GroupId, changed: Map<GroupId, GroupRecord | undefined>): void {
    const of = this.messages.get(id);
    const group = this.groups.get(id);
    if (!of || !group || of.size <= this.rowsMost) return;
    const oldest = of.keepNewest(Math.ceil(this.rowsMost / 2));
    const known = removeRange(group.known, { from: FIRST_ID, to: oldest });
    const trimmed = { ...group, known, version: group.version + 1 };
    this.groups.set(id, trimmed);
    changed.set(id, trimmed);
  }

  async rows(group: GroupId, range: IdRange, limit: number, end: 'newest' | 'oldest'): Promise<Row[]> {
    const of = this.messages.get(group);
    const ids = of?.ids(range) ?? [];
    const wanted = end === 'newest' ? ids.slice(Math.max(0, ids.length - limit)) : ids.slice(0, limit);
    return wanted.map((id) => of!.byId.get(id)!);
  }

  async rowsById(group: GroupId, ids: readonly MessageId[]): Promise<Row[]> {
    const of = this.messages.get(group);
    return ids.flatMap((id) => of?.byId.get(id) ?? []);
  }

  async ids(group: GroupId, range: IdRange): Promise<MessageId[]> {
    return this.messages.get(group)?.ids(range) ?? [];
  }

  async clear(epoch = epochOf(this.meta) + 1): Promise<number> {
    if (epochOf(this.meta) >= epoch) return epochOf(this.meta);
    this.meta = clearedMeta(this.meta, epoch);
    for (const all of [this.groups, this.outbox, this.people, this.messages]) all.clear();
    return epoch;
  }

  async close(): Promise<void> {}
}

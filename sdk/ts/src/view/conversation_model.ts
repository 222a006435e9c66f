import { Cell } from '../base/cell.js';
import { FIRST_ID, LAST_ID, nextId } from '../base/uuid.js';
import type { LocalOutbox } from '../outbox/local_outbox.js';
import type { ConversationSnapshot, Entry, GapEntry } from '../public/conversation.js';
import type { GroupSummary } from '../public/group.js';
import type { GroupId, MessageId } from '../public/ids.js';
import { type Problem, ProblemError } from '../public/problem.js';
import type { Trust } from '../public/trust.js';
import type { LocalData } from '../store/local_data.js';
import { type GroupRecord, isUnknown, type OutboxRecord, type Row } from '../store/records.js';
import type { Committed } from '../store/store.js';
import type { History } from '../sync/history.js';
import { EVERYTHING, heldFrom, type IdRange, isKnown, unknownRanges } from '../sync/known_ranges.js';
import { isShown } from '../sync/rows.js';
import { present, presentPending } from './present.js';
import { Timeline } from './timeline.js';

const FIRST_ROWS = 200;
const MANY = 1_000_000;
const NO_ROWS: readonly Row[] = [];
const NOTHING: IdRange = { from: FIRST_ID, to: FIRST_ID };

/** What the conversation asks of the rest of the client. */
export interface ConversationPorts {
  readonly local: LocalData;
  readonly history: History;
  readonly box: LocalOutbox;
  readonly summaryOf: (group: GroupId) => GroupSummary | undefined;
  /** The server's clock, as well as it is known. */
  readonly serverNow: () => number;
}

/**
 * One open group in memory: the rows from somewhere on to now, what they make of each other, and the list that is shown.
 * All tabs and all handles of the group are fed by commits; nothing here decides what is true.
 */
export class ConversationModel {
  readonly cell: Cell<ConversationSnapshot>;
  /** How many handles watch it. */
  handles = 0;
  private readonly rows = new Map<MessageId, Row>();
  private readonly amendments = new Map<MessageId, Row[]>();
  /** What of the outbox belongs here; by target, where it amends. */
  private pending: readonly OutboxRecord[] = [];
  private pendingOf = new Map<MessageId, OutboxRecord[]>();
  private sending: ReadonlySet<string> = new Set();
  private timeline = Timeline.EMPTY;
  /** Rows from here on are in memory. */
  private from: MessageId = LAST_ID;
  /** What was committed while the first rows were being read. */
  private early: Row[] = [];
  private record: GroupRecord | undefined;
  private gaps = new Map<string, GapEntry>();
  private readonly gapStates = new Map<MessageId, { loading: boolean; problem?: Problem }>();
  private loadingOlder = false;
  private olderProblem?: Problem;
  private firstUnread?: MessageId;
  private openedAt = 0;
  /** All that had arrived when it was opened is here. */
  private isCaughtUp = false;
  private refreshed = false;
  private readonly refreshing = new Set<MessageId>();
  private readonly ends: (() => void)[];
  private resets = 0;

  constructor(
    readonly id: GroupId,
    private readonly ports: ConversationPorts,
  ) {
    this.record = ports.local.groups.get(id);
    this.cell = new Cell(this.snapshot(true));
    this.ends = [
      ports.local.onCommit((committed) => this.take(committed)),
      ports.local.onClear(() => this.reset()),
      ports.box.snapshot.subscribe(() => this.takeOutbox()),
    ];
  }

  /** Reads the newest rows, while the store may still be starting; what is known of the group is known when it has. */
  async load(started: Promise<void>): Promise<void> {
    const reading = this.read(EVERYTHING, FIRST_ROWS, 'newest');
    const [rows] = await Promise.all([reading, started]);
    this.record = this.ports.local.groups.get(this.id);
    this.openedAt = this.ports.serverNow();
    this.from = rows.length < FIRST_ROWS ? FIRST_ID : rows[0]!.id;
    this.put([...rows, ...this.early.splice(0).filter((row) => row.id >= this.from)]);
    this.findFirstUnread();
    this.takeOutbox();
    this.publish();
  }

  /** Reads again what another tab may have stored without a word. */
  async reload(): Promise<void> {
    if (this.from === LAST_ID) return;
    this.record = this.ports.local.groups.get(this.id);
    this.put(await this.read({ from: this.from, to: LAST_ID }, MANY, 'oldest'), EVERYTHING);
    this.takeOutbox();
  }

  /** Older rows from the store, or else a page from the server. */
  async loadOlder(count: number): Promise<void> {
    if (this.loadingOlder || this.from === LAST_ID) return;
    this.loadingOlder = true;
    delete this.olderProblem;
    this.publish();
    try {
      if (!(await this.loadOlderFromStore(count))) await this.loadOlderFromServer(count);
    } catch (error) {
      this.olderProblem = problemOf(error);
    }
    this.loadingOlder = false;
    this.publish();
  }

  async fillGap(gap: IdRange, count: number): Promise<void> {
    if (this.gapStates.get(gap.to)?.loading) return;
    this.gapStates.set(gap.to, { loading: true });
    this.putGaps();
    try {
      await this.ports.history.readNewestOf(this.id, gap, count);
      this.gapStates.delete(gap.to);
    } catch (error) {
      this.gapStates.set(gap.to, { loading: false, problem: problemOf(error) });
    }
    this.putGaps();
  }

  async loadAround(id: MessageId): Promise<boolean> {
    const isHeld = async () => (await this.ports.local.store.rowsById(this.id, [id])).some(isShown);
    if (!(await isHeld())) await this.readAround(id);
    await this.bringIn(id);
    return this.timeline.indexOf(id) >= 0;
  }

  /** The first message at or after a place, with its surroundings. */
  async loadAt(place: MessageId): Promise<MessageId | undefined> {
    if (!isKnown(this.record?.known ?? [], { from: place, to: nextId(place) })) await this.readAround(place);
    await this.bringIn(place);
    for (let index = this.timeline.position(place); index < this.timeline.length; index++) {
      const entry = this.timeline.at(index);
      if (entry?.type === 'message') return entry.message.id;
    }
    return undefined;
  }

  // Resolves also when it failed: what is held will do.
  private async readAround(place: MessageId): Promise<void> {
    await this.ports.history.readAround(this.id, place).catch(() => {});
  }

  // A little more than what stands at the place, and all that is held from there on.
  private async bringIn(place: MessageId): Promise<void> {
    if (place >= this.from) return;
    const before = await this.read({ from: FIRST_ID, to: place }, 25, 'newest');
    const from = before[0]?.id ?? FIRST_ID;
    const rows = await this.read({ from, to: this.from }, MANY, 'oldest');
    this.from = from;
    this.put(rows);
  }

  // What was read of a store that was emptied meanwhile is not for who is signed in now.
  private async read(range: IdRange, limit: number, end: 'newest' | 'oldest'): Promise<Row[]> {
    const { resets } = this;
    const rows = await this.ports.local.store.rows(this.id, range, limit, end);
    return resets === this.resets ? rows : [];
  }

  /** Rows of all kinds and what the group's record says, from whoever has committed them. */
  private take(committed: Committed): void {
    const isRemoved = committed.groups.has(this.id) && committed.groups.get(this.id) === undefined;
    if (isRemoved) return this.reset();
    const { known: knownBefore, cursor: cursorBefore } = this.record ?? {};
    this.record = this.ports.local.groups.get(this.id);
    if (this.from === LAST_ID) {
      this.early.push(...committed.rows.filter((row) => row.group === this.id));
      return;
    }
    const rows = committed.rows.filter((row) => row.group === this.id && row.id >= this.from);
    // A store may make a copy of what has not changed.
    const isKnownChanged = this.record?.known !== knownBefore;
    const [from, to] = [heldFrom(knownBefore ?? []), heldFrom(this.record?.known ?? [])].sort();
    if (rows.length > 0 || isKnownChanged) this.put(rows, { from: from!, to: to! });
    else if (committed.groups.has(this.id)) this.publish();
    if (rows.length > 0) this.settleApplied(rows);
    if (this.record?.cursor !== cursorBefore) this.catchUp(rows);
  }

  // Whoever comes back gets what came meanwhile only after the conversation has been opened.
  private catchUp(rows: readonly Row[]): void {
    if (this.isCaughtUp) return;
    this.isCaughtUp = !this.record?.more || rows.some((row) => row.receivedAt >= this.openedAt);
    this.findFirstUnread();
    this.publish();
  }

  // Only what has changed is shown anew: thousands may wait.
  private takeOutbox(): void {
    const { box } = this.ports;
    const peer = this.record?.peer;
    const before = new Map(this.pending.map((item) => [item.key, item]));
    const sentBefore = this.sending;
    this.pending = box.records.filter((item) => item.group === this.id || (peer !== undefined && item.to === peer));
    this.sending = new Set(this.pending.filter((item) => box.isSending(item.key)).map((item) => item.key));
    this.pendingOf = new Map();
    const touched = new Set<MessageId>();
    const touch = (item: OutboxRecord) => touched.add('target' in item.content ? item.content.target : item.id);
    for (const item of this.pending) {
      if ('target' in item.content) append(this.pendingOf, item.content.target, item);
      const held = before.get(item.key);
      before.delete(item.key);
      if (held === item && sentBefore.has(item.key) === this.sending.has(item.key)) continue;
      touch(item);
      if (held) touch(held);
    }
    for (const item of before.values()) touch(item);
    if (touched.size === 0) return;
    this.rebuild(touched);
    this.publish();
  }

  // The rows in memory, and of each that they touch the entry anew. `turned`: where the rows alone decide, and did not
  // before, or the other way round.
  private put(rows: readonly Row[], turned: IdRange = NOTHING): void {
    const touched = new Set<MessageId>();
    for (const row of rows) {
      const isNew = !this.rows.has(row.id);
      this.rows.set(row.id, row);
      touched.add(row.id);
      if (isShown(row) || row.target === undefined) continue;
      touched.add(row.target);
      if (isNew) append(this.amendments, row.target, row);
    }
    if (turned.from < turned.to) {
      for (const row of this.rows.values())
        if (row.applied && row.id >= turned.from && row.id < turned.to) touched.add(row.id);
    }
    this.rebuild(touched);
    this.putGaps();
  }

  private rebuild(touched: ReadonlySet<MessageId>): void {
    const changes = new Map<string, Entry | undefined>();
    for (const id of touched) {
      const entry = this.entryOf(id);
      if (entry || this.timeline.indexOf(id) >= 0) changes.set(id, entry);
    }
    this.timeline = this.timeline.with(changes);
  }

  private entryOf(id: MessageId): Entry | undefined {
    const self = `@${this.ports.local.meta.me?.name ?? ''}`;
    const pending = this.pendingOf.get(id) ?? [];
    const row = this.rows.get(id);
    if (row) {
      if (!isShown(row)) return undefined;
      const isCovered = id >= heldFrom(this.record?.known ?? []);
      const amendments = this.amendments.get(id) ?? NO_ROWS;
      return { type: 'message', key: id, message: present(row, { self, amendments, pending, isCovered }) };
    }
    const item = this.pendingWith(id);
    const message = item && presentPending({ ...item, group: this.id }, self, this.sending.has(item.key), pending);
    return message && { type: 'message', key: id, message };
  }

  // An item's key begins with the id it was committed with; few ever get another one.
  private pendingWith(id: MessageId): OutboxRecord | undefined {
    const item = this.ports.local.outbox.get(`${id}.0`);
    const isIt = item?.id === id && (item.group === this.id || item.to === this.record?.peer);
    return isIt ? item : this.pending.find((other) => other.id === id);
  }

  // Gaps stand between messages: what is unknown, cut where a message that is held stands in it.
  private putGaps(): void {
    const gaps = new Map<string, GapEntry>();
    const known = this.record?.known ?? [];
    const first = this.timeline.at(0);
    if (known.length > 0 && first) {
      const begin = first.type === 'message' ? nextId(first.message.id) : first.from;
      for (const range of unknownRanges(known, { from: begin, to: LAST_ID })) this.cutGap(range, gaps);
    }
    const changes = new Map<string, Entry | undefined>();
    for (const place of this.gaps.keys()) {
      // A message may stand there now.
      const isStill = this.timeline.at(this.timeline.position(place))?.type === 'gap';
      if (!gaps.has(place) && isStill) changes.set(place, undefined);
    }
    for (const [place, gap] of gaps) if (this.gaps.get(place) !== gap) changes.set(place, gap);
    this.gaps = gaps;
    this.timeline = this.timeline.with(changes);
    this.publish();
  }

  private cutGap(range: IdRange, gaps: Map<string, GapEntry>): void {
    let from = range.from;
    const end = this.timeline.position(range.to);
    for (let index = this.timeline.position(from); index < end; index++) {
      const entry = this.timeline.at(index);
      if (entry?.type !== 'message') continue;
      this.addGap({ from, to: entry.message.id }, gaps);
      from = nextId(entry.message.id);
    }
    this.addGap({ from, to: range.to }, gaps);
  }

  private addGap({ from, to }: IdRange, gaps: Map<string, GapEntry>): void {
    // Nothing is shown after the last message but what is on its way.
    if (from >= to || this.timeline.position(from) === this.timeline.length) return;
    const state = this.gapStates.get(to) ?? { loading: false };
    const held = this.gaps.get(from);
    const isSame = held?.to === to && held.loading === state.loading && held.problem === state.problem;
    gaps.set(from, isSame ? held : { type: 'gap', key: `gap ${to}`, from, to, ...state });
  }

  private async loadOlderFromStore(count: number): Promise<boolean> {
    if (this.from === FIRST_ID) return false;
    const rows = await this.read({ from: FIRST_ID, to: this.from }, count, 'newest');
    this.from = rows.length < count ? FIRST_ID : rows[0]!.id;
    this.put(rows);
    return rows.some(isShown);
  }

  private async loadOlderFromServer(count: number): Promise<void> {
    const { history } = this.ports;
    const [oldest] = this.record?.known ?? [];
    const to = oldest?.from ?? LAST_ID;
    if (to === FIRST_ID || !this.record?.exists || this.record.gone) return;
    await history.readNewestOf(this.id, { from: FIRST_ID, to }, count);
  }

  // Where the rows alone do not decide, a new amendment means that what history said is old.
  private settleApplied(rows: readonly Row[]): void {
    for (const row of rows) {
      if (isShown(row) || row.target === undefined) continue;
      const target = this.rows.get(row.target);
      if (!target?.applied || this.refreshing.has(target.id)) continue;
      if (target.id >= heldFrom(this.record?.known ?? [])) continue;
      this.refreshing.add(target.id);
      void this.ports.history
        .refresh(this.id, target.id)
        .catch(() => {}) // the next amendment or page brings it
        .finally(() => this.refreshing.delete(target.id));
    }
  }

  private findFirstUnread(): void {
    const unread = this.record?.unread ?? 0;
    const self = `@${this.ports.local.meta.me?.name ?? ''}`;
    const others = [...this.rows.values()].filter((row) => isShown(row) && row.from !== self && !row.deleted);
    const newest = others
      .sort((a, b) => b.receivedAt - a.receivedAt)
      .slice(0, unread)
      .filter((row) => row.receivedAt < this.openedAt);
    if (newest.length > 0) this.firstUnread = newest.reduce((first, row) => (row.id < first ? row.id : first), LAST_ID);
  }

  private reset(): void {
    this.resets++;
    this.early = [];
    this.rows.clear();
    this.amendments.clear();
    this.pending = [];
    this.pendingOf.clear();
    this.gaps.clear();
    this.timeline = Timeline.EMPTY;
    this.from = FIRST_ID;
    this.record = undefined;
    delete this.firstUnread;
    this.publish();
  }

  publish(): void {
    this.cell.set(this.snapshot(this.from === LAST_ID));
  }

  private snapshot(loading: boolean): ConversationSnapshot {
    const { record } = this;
    const group = this.ports.summaryOf(this.id);
    if (record?.cursor !== undefined && !record.more) this.refreshed = true;
    const oldestKnown = record?.known[0]?.from;
    const isWholeOnServer = oldestKnown === FIRST_ID || !record?.exists || record.gone;
    return {
      id: this.id,
      ...(group && { group }),
      entries: this.timeline,
      loading,
      hasOlder: !loading && (this.from !== FIRST_ID || !isWholeOnServer),
      loadingOlder: this.loadingOlder,
      ...(this.olderProblem && { olderProblem: this.olderProblem }),
      refreshing: !this.refreshed && record?.exists !== false && !record?.gone,
      ...(this.firstUnread !== undefined && { firstUnread: this.firstUnread }),
      trust: trustOf(record),
      unknown: isUnknown(record),
      gone: record?.gone ?? false,
    };
  }

  end(): void {
    for (const end of this.ends) end();
  }
}

export function trustOf(record: GroupRecord | undefined): Trust {
  const last = record?.comparison;
  const state = !last ? 'unchecked' : record.repairing ? 'repairing' : last.equal ? 'complete' : 'differs';
  return { state, ...(last && { last }), repaired: record?.repaired ?? 0 };
}

function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return { code: 'unreachable', status: 0, title: 'It did not work.', detail: String(error) };
}

function append<T>(lists: Map<MessageId, T[]>, id: MessageId, item: T): void {
  const list = lists.get(id);
  if (list) list.push(item);
  else lists.set(id, [item]);
}

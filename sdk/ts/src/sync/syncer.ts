import { Backoff } from '../base/backoff.js';
import { Cell } from '../base/cell.js';
import type { Clock } from '../base/clock.js';
import type { Random } from '../base/random.js';
import { firstIdOf, nextId } from '../base/uuid.js';
import type { GroupId } from '../public/ids.js';
import { type Problem, ProblemError } from '../public/problem.js';
import type { ConnectionState } from '../public/session.js';
import type { Comparison } from '../public/trust.js';
import type { LocalData } from '../store/local_data.js';
import { type GroupRecord, isUnknown, type Meta, newGroup, type Row } from '../store/records.js';
import type { Api } from '../wire/api.js';
import {
  type Changes,
  decodeGroup,
  decodeMembers,
  decodePull,
  decodeStatus,
  type GroupStatus,
  type PullResult,
} from '../wire/decode.js';
import { decoded, isDefinite } from '../wire/http.js';
import type { RateLimits } from '../wire/rate_limits.js';
import { afterChanges } from './after_changes.js';
import { withDetails } from './group_details.js';
import type { History } from './history.js';
import { addRange, EVERYTHING, type IdRange, isKnown } from './known_ranges.js';
import type { NotificationListener } from './notifications.js';
import { isShown, withArrivals } from './rows.js';

const PULL_GROUPS_MOST = 100;
const PULL_MESSAGES = 200;
/** Groups read for the first time in one call: they share its limit. */
const FIRST_PULLS_AT_ONCE = 4;
/** Groups that are read at the first sign-in, the latest ones first; the others when they are opened or speak. */
const FIRST_GROUPS_MOST = 50;
const CHECK_EVERY_MS = 10 * 60_000;
const READ_MARK_EVERY_MS = 1_000;
const ECHO_WITHIN_MS = 2_000;
const ON_ITS_WAY_MS = 2_000;
const RECOUNT_PAGES_MOST = 20;
const POLL_CLOSED_GROUPS_MS = 5 * 60_000;
const POLL_STATUS_FIRST_MS = 3_000;
const POLL_STATUS_MOST_MS = 30_000;

/** What the syncer asks of the rest of the client. */
export interface SyncerPorts {
  /** The groups that are on some screen, in any tab. */
  readonly openGroups: () => ReadonlySet<GroupId>;
  /** Somebody wants to hear of each message in any group, soon. */
  readonly wantsAll: () => boolean;
  readonly onArrivals: (rows: readonly Row[]) => void;
  readonly onState: () => void;
}

/**
 * Brings the store up to what the server has, in the tab that leads: one loop that does one thing at a time, and what it
 * could not do again later. The status says which groups changed, the socket says so sooner; each is then pulled until
 * nothing is left, and compared by digest.
 */
export class Syncer implements NotificationListener {
  readonly connection = new Cell<ConnectionState>({ state: 'idle', clockCorrectionMs: 0 });
  private readonly dirty = new Set<GroupId>();
  private readonly pollAt = new Map<GroupId, number>();
  private readonly checks = new Map<GroupId, IdRange | 'newest' | 'all'>();
  private readonly markedReadAt = new Map<GroupId, number>();
  private readonly peersAsked = new Set<GroupId>();
  /** Groups that were opened and whose details are to be read: those of which nothing is known, and others once a run. */
  private readonly lookups = new Set<GroupId>();
  private readonly lookedUp = new Set<GroupId>();
  private readonly backoff: Backoff;
  private run?: AbortController;
  private wakeUp: () => void = () => {};
  private statusAt = 0;
  private isRecountWanted = true;
  private checkAt = 0;
  private helloPollMs = Infinity;
  private quietPolls = 0;
  private socket: 'unknown' | 'open' | 'lost' = 'unknown';
  /** `until` is a deadline, `nextTryAt` what is said of it. */
  private failure?: { readonly until: number; readonly nextTryAt: number; readonly problem?: Problem };

  constructor(
    private readonly api: Api,
    private readonly local: LocalData,
    private readonly history: History,
    private readonly limits: RateLimits,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly ports: SyncerPorts,
  ) {
    this.backoff = new Backoff(random, 1_000, 60_000);
    local.onCommit(({ groups }) => {
      for (const group of groups.values()) if (group && isToTell(group)) return this.wakeUp();
    });
  }

  start(): void {
    if (this.run) return;
    this.run = new AbortController();
    this.statusAt = 0;
    this.isRecountWanted = true;
    this.checkAt = this.clock.elapsed() + CHECK_EVERY_MS;
    for (const group of this.local.groups.values()) {
      if (group.more || group.repairing) this.dirty.add(group.id);
      if (group.repairing) this.wantCheck(group.id, 'all');
    }
    for (const id of this.ports.openGroups()) this.wantLookup(id);
    this.showState();
    void this.loop(this.run.signal, this.local.epoch);
  }

  stop(): void {
    this.run?.abort();
    delete this.run;
    this.wakeUp();
    const { dirty, pollAt, checks, markedReadAt, peersAsked, lookups, lookedUp } = this;
    for (const all of [dirty, pollAt, checks, markedReadAt, peersAsked, lookups, lookedUp]) all.clear();
    this.socket = 'unknown';
    delete this.failure;
    this.backoff.reset();
    this.quietPolls = 0;
    this.showState();
  }

  /** Pulls these groups now; with `check`, compares all that is held of them. */
  sync(groups: Iterable<GroupId>, check = false): void {
    for (const id of groups) {
      this.dirty.add(id);
      if (check) this.wantCheck(id, 'all');
    }
    this.wakeUp();
  }

  /** The server has stored a message of one's own: it comes by sync. The socket says when; else soon. */
  stored(group: GroupId): void {
    const isTold = this.socket === 'open' && this.local.groups.get(group)?.push === true;
    if (!isTold) return this.sync([group]);
    if (!this.pollAt.has(group)) this.pollAt.set(group, this.clock.elapsed() + ECHO_WITHIN_MS);
    this.wakeUp();
  }

  /** A group has come onto a screen. */
  opened(group: GroupId): void {
    this.wantLookup(group);
    const held = this.local.groups.get(group);
    if (held?.exists && !held.gone) {
      this.dirty.add(group);
      if (held.cursor !== undefined) this.wantCheck(group, 'newest');
    }
    this.wakeUp();
  }

  /** Asks for the status now. */
  readStatusSoon(): void {
    this.statusAt = 0;
    this.wakeUp();
  }

  wake(): void {
    this.isRecountWanted = true;
    delete this.failure;
    this.backoff.reset();
    this.readStatusSoon();
  }

  hello(pollMs: number): void {
    this.socket = 'open';
    this.helloPollMs = pollMs;
    delete this.failure;
    // What happened before the socket was open was told to nobody.
    for (const id of this.ports.openGroups()) this.opened(id);
    this.readStatusSoon();
    this.showState();
  }

  changed(groups: readonly GroupId[]): void {
    if (groups.some((id) => !this.local.groups.get(id)?.exists)) this.statusAt = 0;
    this.sync(groups);
  }

  recheck(): void {
    this.readStatusSoon();
  }

  lost(): void {
    if (this.socket === 'lost') return;
    this.socket = 'lost';
    this.helloPollMs = Infinity;
    this.quietPolls = 0;
    this.readStatusSoon();
    this.showState();
  }

  showState(): void {
    const throttledUntil = this.limits.throttledUntil;
    const state = this.stateNow();
    const before = this.connection.get();
    const next: ConnectionState = {
      state,
      clockCorrectionMs: this.local.meta.correctionMs,
      ...(state === 'offline' && this.failure && { nextTryAt: this.failure.nextTryAt }),
      ...(state === 'offline' && this.failure?.problem && { problem: this.failure.problem }),
      ...(throttledUntil !== undefined && { throttledUntil }),
    };
    const isSame =
      before.state === next.state &&
      before.nextTryAt === next.nextTryAt &&
      before.problem?.code === next.problem?.code &&
      before.clockCorrectionMs === next.clockCorrectionMs &&
      before.throttledUntil === next.throttledUntil;
    if (isSame) return;
    this.connection.set(next);
    this.ports.onState();
  }

  private stateNow(): ConnectionState['state'] {
    if (!this.run) return 'idle';
    if (this.failure) return 'offline';
    if (this.socket === 'open') return 'connected';
    return this.socket === 'lost' ? 'polling' : 'connecting';
  }

  // All that it commits is of who was signed in when it began: it may end a call later than the run.
  private async loop(stopped: AbortSignal, epoch: number): Promise<void> {
    while (!stopped.aborted) {
      const now = this.clock.elapsed();
      const due = Math.max(this.nextDue(), this.failure?.until ?? 0);
      if (due > now) {
        await this.waitFor(due - now, stopped);
        continue;
      }
      try {
        await this.step(now, epoch);
        this.backoff.reset();
        delete this.failure;
        this.showState();
      } catch (error) {
        if (stopped.aborted) return;
        const problem = error instanceof ProblemError ? error.problem : undefined;
        const wait = Math.max(problem?.retryAfterMs ?? 0, this.backoff.next());
        const [until, nextTryAt] = [this.clock.elapsed() + wait, this.clock.now() + wait];
        this.failure = { until, nextTryAt, ...(problem && { problem }) };
        this.showState();
      }
    }
  }

  private nextDue(): number {
    if (this.dirty.size > 0 || this.checks.size > 0 || this.lookups.size > 0) return 0;
    let due = Math.min(this.statusAt, this.checkAt);
    for (const at of this.pollAt.values()) due = Math.min(due, at);
    for (const group of this.local.groups.values()) {
      if (isToTell(group)) due = Math.min(due, (this.markedReadAt.get(group.id) ?? -Infinity) + READ_MARK_EVERY_MS);
      if (this.lacksPeer(group)) return 0;
    }
    return due;
  }

  private waitFor(ms: number, stopped: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        this.wakeUp = () => {};
        resolve();
      };
      // A timer's number has 31 bits; nothing is lost by waking up once a day.
      const cancel = this.clock.after(Math.min(ms, 86_400_000), done);
      this.wakeUp = done;
      if (stopped.aborted) done();
    });
  }

  // One thing, the most urgent one.
  private async step(now: number, epoch: number): Promise<void> {
    for (const [id, at] of this.pollAt) {
      if (at > now) continue;
      this.pollAt.delete(id);
      this.dirty.add(id);
    }
    if (this.checkAt <= now) {
      this.checkAt = now + CHECK_EVERY_MS;
      for (const id of this.ports.openGroups()) this.wantCheck(id, 'newest');
    }
    if (this.statusAt <= now) return this.readStatus(epoch);
    if (this.dirty.size > 0) return this.pull(epoch);
    for (const id of this.lookups) return this.lookUp(id, epoch);
    for (const group of this.local.groups.values()) {
      const at = (this.markedReadAt.get(group.id) ?? -Infinity) + READ_MARK_EVERY_MS;
      if (isToTell(group) && at <= now) return this.tellRead(group, epoch);
    }
    for (const [id, scope] of this.checks) return this.check(id, scope, epoch);
    for (const group of this.local.groups.values()) if (this.lacksPeer(group)) return this.findPeer(group, epoch);
  }

  private async readStatus(epoch: number): Promise<void> {
    const isFirst = !this.local.meta.statusComplete;
    let isQuiet = true;
    let changed: GroupStatus[] = [];
    // Wishes that come from now on are for the next one.
    this.statusAt = Infinity;
    try {
      for (let more = true; more;) {
        const cursor = this.local.meta.statusCursor;
        const query = `with=unread,last&limit=50${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
        const status = decoded(await this.api.call({ method: 'GET', path: `/v1/status?${query}` }), decodeStatus);
        const countedUpTo = this.api.serverNow;
        await this.forgetRejoined(status.groups, epoch);
        await this.local.commit(
          {
            groups: new Map([
              ...status.groups.map(
                (group) => [group.id, (held?: GroupRecord) => afterStatus(held, group, countedUpTo)] as const,
              ),
              ...status.removed.map((id) => [id, (held?: GroupRecord) => held && gone(held)] as const),
            ]),
            meta: (meta) => ({
              ...meta,
              statusCursor: status.cursor,
              statusComplete: meta.statusComplete || !status.more,
              begunAt: meta.begunAt ?? countedUpTo,
            }),
          },
          epoch,
        );
        changed = [...changed, ...status.groups];
        if (status.groups.length + status.removed.length > 0) isQuiet = false;
        this.statusAt = Math.min(this.statusAt, this.clock.elapsed() + this.statusPollMs(status.nextPollMs, isQuiet));
        more = status.more;
      }
    } catch (error) {
      this.statusAt = 0;
      // A cursor that the server can't read: all groups anew.
      if (!(error instanceof ProblemError) || error.code !== 'invalid-cursor') throw error;
      const anew = ({ statusCursor: _cursor, ...meta }: Meta) => ({ ...meta, statusComplete: false });
      await this.local.commit({ meta: anew }, epoch);
      return;
    }
    const wanted = isFirst ? this.firstGroups(changed) : changed;
    for (const group of wanted) this.dirty.add(group.id);
    // What has changed may be a rule: it is read again when the group is opened again.
    for (const group of changed) this.lookedUp.delete(group.id);
    if (this.isRecountWanted && !isFirst) await this.recount(epoch);
    this.isRecountWanted = false;
  }

  // What was read on another device is no change that a status with a cursor tells.
  private async recount(epoch: number): Promise<void> {
    const hasUnread = [...this.local.groups.values()].some((group) => group.unread > 0 && !group.gone);
    let cursor = '';
    for (let page = 0, more = hasUnread; more && page < RECOUNT_PAGES_MOST; page++) {
      const path = `/v1/status?with=unread&limit=50${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
      const status = decoded(await this.api.call({ method: 'GET', path }), decodeStatus);
      const countedUpTo = this.api.serverNow;
      const counted = (group: GroupStatus) => (held?: GroupRecord) => held && afterStatus(held, group, countedUpTo);
      await this.local.commit({ groups: new Map(status.groups.map((group) => [group.id, counted(group)])) }, epoch);
      ({ cursor, more } = status);
    }
  }

  private firstGroups(all: readonly GroupStatus[]): GroupStatus[] {
    const open = this.ports.openGroups();
    const latest = [...all].sort((a, b) => b.lastUpdated - a.lastUpdated);
    return latest.filter((group, i) => i < FIRST_GROUPS_MOST || open.has(group.id) || this.ports.wantsAll());
  }

  private statusPollMs(told: number, isQuiet: boolean): number {
    if (this.socket === 'open') return Math.min(told, this.helloPollMs);
    this.quietPolls = isQuiet ? this.quietPolls + 1 : 0;
    const whole = Math.min(POLL_STATUS_MOST_MS, POLL_STATUS_FIRST_MS * 1.5 ** this.quietPolls);
    return whole * (0.8 + 0.2 * this.random.fraction());
  }

  // Who comes back may see other messages than before: what is held of the time before goes.
  private async forgetRejoined(groups: readonly GroupStatus[], epoch: number): Promise<void> {
    const back = groups.filter(({ id }) => this.local.groups.get(id)?.gone);
    if (back.length === 0) return;
    await this.local.commit({ groups: new Map(back.map(({ id }) => [id, () => undefined])) }, epoch);
  }

  private async pull(epoch: number): Promise<void> {
    const batch = this.takeBatch();
    if (batch.length === 0) return;
    let results: PullResult[];
    try {
      const groups = batch.map(({ id, cursor }) => ({ id, ...(cursor !== undefined && { cursor }) }));
      const body = { groups, limit: PULL_MESSAGES };
      results = decoded(await this.api.call({ method: 'POST', path: '/v1/pull', body }), decodePull);
    } catch (error) {
      for (const { id } of batch) this.dirty.add(id);
      throw error;
    }
    const asked = new Map(batch.map((group) => [group.id, group]));
    let failure: ProblemError | undefined;
    for (const result of results) {
      const group = asked.get(result.id);
      if (!group) continue;
      asked.delete(result.id);
      try {
        if ('changes' in result) await this.apply(group, result.changes, epoch);
        else await this.refused(group, result, epoch);
      } catch (error) {
        this.dirty.add(group.id);
        failure = error instanceof ProblemError ? error : failure;
        if (!(error instanceof ProblemError)) throw error;
      }
    }
    // An answer that leaves something out is no reason to forget it.
    for (const id of asked.keys()) this.dirty.add(id);
    if (failure) throw failure;
    if (asked.size === batch.length)
      throw new ProblemError({ code: 'nonsense', status: 200, title: 'A pull without results.' });
  }

  // Takes marks away before the call: what arrives during it is marked again.
  private takeBatch(): GroupRecord[] {
    const open = this.ports.openGroups();
    const wanted = [...this.dirty].sort((a, b) => Number(open.has(b)) - Number(open.has(a)));
    const batch: GroupRecord[] = [];
    let first = 0;
    for (const id of wanted) {
      const group = this.local.groups.get(id) ?? newGroup(id);
      const isFirst = group.cursor === undefined;
      if (!group.gone && (batch.length === PULL_GROUPS_MOST || (isFirst && first === FIRST_PULLS_AT_ONCE))) continue;
      this.dirty.delete(id);
      this.pollAt.delete(id);
      if (group.gone) continue;
      if (isFirst) first++;
      batch.push(group);
    }
    return batch;
  }

  // The rows and the cursor that stands for them, in one change.
  private async apply(asked: GroupRecord, changes: Changes, epoch: number): Promise<void> {
    const { id } = asked;
    const { store } = this.local;
    const heldIds = new Set(
      (
        await store.rowsById(
          id,
          changes.rows.map((row) => row.id),
        )
      ).map((row) => row.id),
    );
    const fresh = changes.rows.filter((row) => !heldIds.has(row.id));
    const isRestart = asked.cursor === undefined && asked.known.length > 0;
    const newestHeld = isRestart ? (await store.rows(id, EVERYTHING, 1, 'newest'))[0]?.id : undefined;
    const me = this.local.meta.me?.name;
    const after = (held: GroupRecord): GroupRecord =>
      afterChanges(withArrivals(held, fresh, me), changes, asked.cursor, newestHeld);

    const { digest } = changes;
    const compared = digest && (await this.history.compareWith(id, digest, changes.rows));
    // Unequal means something only where all should be held; equal means that all is, also beyond.
    const isMeant = compared && (compared.equal || isKnown(after(asked).known, rangeOf(compared)));
    const comparison = isMeant ? compared : undefined;
    const committed = await this.local.commit(
      {
        rows: changes.rows,
        groups: new Map([
          [id, (held?: GroupRecord) => withComparison({ ...after(held ?? asked), exists: true }, comparison)],
        ]),
      },
      epoch,
    );
    if (changes.more) this.dirty.add(id);
    if (comparison && !comparison.equal) this.wantCheck(id, rangeOf(comparison));
    if (!changes.push) this.pollAt.set(id, this.clock.elapsed() + this.pollMs(id, changes.nextPollMs));
    this.tell(committed.rows.filter((row) => committed.added.has(row.id)));
  }

  private pollMs(group: GroupId, told: number): number {
    const isWatched = this.ports.openGroups().has(group) || this.ports.wantsAll();
    return Math.max(500, isWatched ? told : Math.max(told, POLL_CLOSED_GROUPS_MS));
  }

  private async refused(
    group: GroupRecord,
    { problem }: Extract<PullResult, { problem: unknown }>,
    epoch: number,
  ): Promise<void> {
    switch (problem.code) {
      case 'unknown-group':
        return this.update(group.id, gone, epoch);
      case 'invalid-cursor':
        await this.update(group.id, withoutCursor, epoch);
        this.dirty.add(group.id);
        return;
      default:
        throw new ProblemError(problem);
    }
  }

  // What direct groups are is known, and of those to come there is nothing to read.
  private wantLookup(id: GroupId): void {
    const held = this.local.groups.get(id);
    const isNew = !held || isUnknown(held);
    if (isNew || (held.exists && !held.gone && held.kind === 'group' && !this.lookedUp.has(id))) this.lookups.add(id);
  }

  private async lookUp(id: GroupId, epoch: number): Promise<void> {
    this.lookups.delete(id);
    this.lookedUp.add(id);
    try {
      const details = decoded(await this.api.call({ method: 'GET', path: `/v1/groups/${id}` }), decodeGroup);
      if (details.role) {
        if (this.local.groups.get(id)?.cursor === undefined) this.dirty.add(id);
        const told = (held?: GroupRecord) => withDetails(held, details);
        return void (await this.local.commit({ groups: new Map([[id, told]]) }, epoch));
      }
    } catch (error) {
      if (!(error instanceof ProblemError) || !isDefinite(error.problem)) {
        this.lookups.add(id);
        throw error;
      }
    }
    // A pull says what is to be said of one that was known.
    if (this.local.groups.get(id)?.exists) return void this.dirty.add(id);
    const unknown = (held?: GroupRecord): GroupRecord => held ?? { ...newGroup(id), exists: false, unknown: true };
    await this.local.commit({ groups: new Map([[id, unknown]]) }, epoch);
  }

  private async tellRead(group: GroupRecord, epoch: number): Promise<void> {
    const cursor = group.readWanted;
    this.markedReadAt.set(group.id, this.clock.elapsed());
    try {
      await this.api.call({ method: 'PUT', path: `/v1/groups/${group.id}/read`, body: { cursor } });
    } catch (error) {
      // A refusal would be the same next time; the next mark is another one.
      const isRefused = error instanceof ProblemError && ['invalid-cursor', 'unknown-group'].includes(error.code);
      if (!isRefused) throw error;
    }
    await this.update(group.id, (held) => ({ ...held, ...(cursor !== undefined && { readTold: cursor }) }), epoch);
  }

  private async check(id: GroupId, scope: IdRange | 'newest' | 'all', epoch: number): Promise<void> {
    const group = this.local.groups.get(id);
    if (!group || group.gone || !group.exists || group.known.length === 0) return void this.checks.delete(id);
    if (group.more || this.dirty.has(id)) {
      this.dirty.add(id);
      return this.pull(epoch);
    }
    try {
      const newest = (await this.local.store.rows(id, EVERYTHING, 1, 'newest'))[0]?.id;
      if (newest !== undefined) {
        const wanted = scope === 'newest' ? await this.newestRange(group) : scope === 'all' ? EVERYTHING : scope;
        // What was said this moment is on its way.
        const settled = firstIdOf(this.api.serverNow - ON_ITS_WAY_MS);
        const ends = { from: wanted.from, to: min(wanted.to, max(nextId(newest), settled)) };
        for (const range of group.known) {
          const part = { from: max(range.from, ends.from), to: min(range.to, ends.to) };
          if (part.from < part.to) await this.checkRange(id, part, epoch);
        }
      }
      if (this.checks.get(id) === scope) this.checks.delete(id);
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'unknown-group') {
        this.checks.delete(id);
        this.dirty.add(id);
      } else {
        throw error;
      }
    }
  }

  private async newestRange(group: GroupRecord): Promise<IdRange> {
    const rows = await this.local.store.rows(group.id, EVERYTHING, 256, 'newest');
    return { from: rows[0]?.id ?? EVERYTHING.from, to: EVERYTHING.to };
  }

  private async checkRange(id: GroupId, range: IdRange, epoch: number): Promise<void> {
    let comparison = await this.history.compare(id, range);
    let brought: Row[] = [];
    if (!comparison.equal) {
      const unequal = comparison;
      await this.update(id, (held) => ({ ...held, comparison: unequal, repairing: true }), epoch);
      brought = await this.history.repair(id, range);
      comparison = await this.history.compare(id, range);
    }
    await this.update(
      id,
      (held) => ({
        ...held,
        comparison,
        repairing: false,
        repaired: held.repaired + brought.length,
      }),
      epoch,
    );
    this.tell(brought);
  }

  // Two wishes for one group become the one that includes both.
  private wantCheck(id: GroupId, scope: IdRange | 'newest' | 'all'): void {
    const wanted = this.checks.get(id) ?? scope;
    this.checks.set(id, wanted === scope ? scope : 'all');
  }

  private lacksPeer(group: GroupRecord): boolean {
    return (
      group.kind === 'direct' &&
      group.exists &&
      !group.gone &&
      group.peer === undefined &&
      !this.peersAsked.has(group.id)
    );
  }

  private async findPeer(group: GroupRecord, epoch: number): Promise<void> {
    this.peersAsked.add(group.id);
    const answer = await this.api.call({ method: 'GET', path: `/v1/groups/${group.id}/members` });
    const self = `@${this.local.meta.me?.name ?? ''}` as const;
    const { members } = decoded(answer, decodeMembers);
    const peer = members.find((member) => member.user !== self)?.user ?? self;
    await this.update(group.id, (held) => ({ ...held, peer }), epoch);
  }

  private tell(rows: readonly Row[]): void {
    const shown = rows.filter(isShown);
    if (shown.length > 0) this.ports.onArrivals(shown);
  }

  private async update(id: GroupId, change: (held: GroupRecord) => GroupRecord, epoch: number): Promise<void> {
    await this.local.commit({ groups: new Map([[id, (held?: GroupRecord) => held && change(held)]]) }, epoch);
  }
}

function afterStatus(held: GroupRecord | undefined, status: GroupStatus, countedUpTo: number): GroupRecord {
  const base = held ?? newGroup(status.id);
  const { lastRow, unread, mentions, name, ...rest } = status;
  const isUnreadKnown = unread !== undefined && !isToTell(base);
  const isNewer = lastRow && (!base.lastRow || lastRow.id >= base.lastRow.id);
  return {
    ...base,
    ...rest,
    exists: true,
    lastUpdated: Math.max(base.lastUpdated, status.lastUpdated),
    ...(name !== undefined && { name }),
    ...(isUnreadKnown && { unread, mentions: mentions ?? 0, countedUpTo }),
    ...(isNewer && { lastRow }),
  };
}

function withComparison(group: GroupRecord, comparison: Comparison | undefined): GroupRecord {
  if (!comparison) return group;
  const known = comparison.equal ? addRange(group.known, rangeOf(comparison)) : group.known;
  return { ...group, comparison, repairing: !comparison.equal, known };
}

/** What the user has read and the server does not know yet. */
function isToTell(group: GroupRecord): boolean {
  return group.readWanted !== undefined && group.readWanted !== group.readTold && !group.gone;
}

function gone({ cursor: _cursor, readWanted: _readWanted, ...held }: GroupRecord): GroupRecord {
  return { ...held, gone: true, unread: 0, mentions: 0, more: false, repairing: false };
}

function withoutCursor({ cursor: _cursor, ...held }: GroupRecord): GroupRecord {
  return held;
}

function rangeOf({ from, to }: { from: string; to: string | null }): IdRange {
  return { from, to: to ?? EVERYTHING.to };
}

const min = (a: string, b: string) => (a < b ? a : b);
const max = (a: string, b: string) => (a > b ? a : b);

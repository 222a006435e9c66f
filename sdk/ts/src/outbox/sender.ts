import { Backoff } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';
import type { Random } from '../base/random.js';
import type { ServerClock } from '../base/server_clock.js';
import { timeOf } from '../base/uuid.js';
import type { GroupId } from '../public/ids.js';
import { type Problem, ProblemError } from '../public/problem.js';
import type { LocalData } from '../store/local_data.js';
import type { Content, OutboxRecord } from '../store/records.js';
import type { Api } from '../wire/api.js';
import { decodeReceipt } from '../wire/decode.js';
import { decoded, isDefinite } from '../wire/http.js';
import type { RateLimits } from '../wire/rate_limits.js';
import type { Minter } from './minter.js';
import type { Attempt, LocalOutbox } from './local_outbox.js';

const LANES_AT_ONCE = 4;
const CLOCK_ERROR_MS = 5_000;

/** The item is no longer in the store: another tab has discarded it, and says so any moment. */
class NotHeld extends Error {}

/** One group's queue: its first waiting item is sent, then the next. */
interface Lane {
  readonly backoff: Backoff;
  sending: boolean;
  /** On the clock's `elapsed`. */
  notBefore: number;
}

/**
 * Empties the outbox, in the tab that leads. An item is tried until the server has it or refuses it for good; lanes, one
 * a target, keep their order and do not wait for each other.
 */
export class Sender {
  private readonly lanes = new Map<string, Lane>();
  private readonly attempts = new Map<string, Attempt>();
  private running = false;
  private cancelTimer = () => {};
  private lastReminted = 0;

  constructor(
    private readonly api: Api,
    private readonly local: LocalData,
    private readonly box: LocalOutbox,
    private readonly minter: Minter,
    private readonly limits: RateLimits,
    private readonly clock: Clock,
    private readonly serverClock: ServerClock,
    private readonly random: Random,
    private readonly onStored: (group: GroupId) => void,
    /** The server did not answer, or not as it should. */
    private readonly onUnanswered: () => void,
  ) {
    local.onCommit(({ outbox, rows }) => {
      if (outbox.size > 0) this.kick();
      if (this.running && rows.length > 0) void this.forgetArrived(rows.map((row) => row.id));
    });
  }

  start(): void {
    this.running = true;
    for (const item of this.local.outbox.values()) {
      if (item.state === 'stored' && item.group !== undefined) void this.settle(item.group, item.id).catch(() => {});
    }
    this.kick();
  }

  stop(): void {
    this.running = false;
    this.cancelTimer();
    this.lanes.clear();
  }

  /** Waits for nothing that was only a guess: the network is back, or somebody is impatient. */
  wake(): void {
    for (const lane of this.lanes.values()) {
      lane.notBefore = 0;
      lane.backoff.reset();
    }
    this.kick();
  }

  private kick(): void {
    this.cancelTimer();
    if (!this.running || !this.api.isSignedIn) return;
    const now = this.clock.elapsed();
    const ready = now + this.limits.waitMs('send');
    let free = LANES_AT_ONCE - [...this.lanes.values()].filter((lane) => lane.sending).length;
    let wakeAt = Infinity;
    for (const [to, item] of this.firstOfLanes()) {
      const lane = this.laneOf(to);
      if (lane.sending) continue;
      const at = Math.max(ready, lane.notBefore);
      if (at > now) {
        wakeAt = Math.min(wakeAt, at);
      } else if (free > 0) {
        free--;
        void this.sendOne(lane, item);
      }
    }
    if (wakeAt < Infinity) this.cancelTimer = this.clock.after(wakeAt - now, () => this.kick());
  }

  private firstOfLanes(): Map<string, OutboxRecord> {
    const first = new Map<string, OutboxRecord>();
    for (const item of this.local.outbox.values()) {
      if (item.state === 'waiting' && !first.has(item.to)) first.set(item.to, item);
    }
    return first;
  }

  private laneOf(to: string): Lane {
    let lane = this.lanes.get(to);
    if (!lane) {
      lane = { backoff: new Backoff(this.random, 500, 30_000), sending: false, notBefore: 0 };
      this.lanes.set(to, lane);
    }
    return lane;
  }

  private async sendOne(lane: Lane, item: OutboxRecord): Promise<void> {
    const { epoch } = this.local;
    lane.sending = true;
    this.show(item.key, { sending: true });
    try {
      await this.attempt(item, epoch);
      lane.backoff.reset();
      lane.notBefore = 0;
      this.show(item.key);
    } catch (error) {
      const problem = problemOf(error);
      const wait = Math.max(lane.backoff.next(), problem.retryAfterMs ?? 0);
      lane.notBefore = this.clock.elapsed() + wait;
      this.show(item.key, { sending: false, nextTryAt: this.clock.now() + wait });
      if (error instanceof NotHeld) return;
      await this.change(item.key, (held) => ({ ...held, problem }), epoch).catch(() => {}); // it is tried again anyway
      if (problem.status === 0 || problem.status >= 500 || problem.code === 'nonsense') this.onUnanswered();
    } finally {
      lane.sending = false;
      this.kick();
    }
  }

  // Resolves when nothing more is to be done for the item; rejects when it is to be tried again.
  private async attempt(item: OutboxRecord, epoch: number): Promise<void> {
    // The first answer of a run corrects the clock; before it an id can't be trusted.
    if (!this.serverClock.isFresh) await this.api.call({ method: 'GET', path: '/v1/status?limit=1' });
    const clockError = this.serverClock.correctionMs - item.correctionMs;
    const isWrong = Math.abs(clockError) > CLOCK_ERROR_MS;
    if (item.attempts === 0 && isWrong) await this.remint(item, clockError, epoch, item.attempts);
    // Before the call: whoever finds the item after a crash must know that the server may have it. What is sent is what is
    // held then: where every tab leads, another one may have given it its new id.
    const sent = await this.change(item.key, (held) => ({ ...held, attempts: held.attempts + 1 }), epoch);
    if (!sent) throw new NotHeld();
    try {
      const path = `/v1/messages/${sent.id}`;
      const body = { to: [sent.to], ...wireContent(sent.content) };
      const receipt = decoded(await this.api.call({ method: 'PUT', path, body }, 'send'), decodeReceipt);
      if (receipt.problem) throw new ProblemError(receipt.problem);
      await this.acknowledged(sent, receipt, epoch);
    } catch (error) {
      const problem = problemOf(error);
      if (problem.code === 'clock-ahead') {
        // It was stored nowhere, and its answer has corrected the clock.
        const still = this.serverClock.correctionMs - sent.correctionMs;
        await this.remint(sent, Math.min(still, this.serverClock.now() - timeOf(sent.id)), epoch);
        throw error;
      }
      if (!isDefinite(problem)) throw error;
      await this.change(sent.key, (held) => ({ ...held, state: 'refused', problem }), epoch);
    }
  }

  private async acknowledged(
    item: OutboxRecord,
    receipt: { receivedAt: number; late: boolean; group?: GroupId },
    epoch: number,
  ): Promise<void> {
    const group = receipt.group ?? item.group;
    await this.change(
      item.key,
      (held) => {
        const { problem: _problem, ...rest } = held;
        const { receivedAt, late } = receipt;
        return { ...rest, state: 'stored', receivedAt, late, ...(group !== undefined && { group }) };
      },
      epoch,
    );
    if (group === undefined) return;
    await this.settle(group, item.id);
  }

  // Sync may have been faster than the answer; else it is to come.
  private async settle(group: GroupId, id: string): Promise<void> {
    if ((await this.local.store.rowsById(group, [id])).length > 0) await this.forgetArrived([id]);
    else this.onStored(group);
  }

  // Rows that sync has brought take the place of what was kept until then.
  private async forgetArrived(ids: readonly string[]): Promise<void> {
    const come = new Set(ids);
    const arrived = [...this.local.outbox.values()].filter((item) => item.state === 'stored' && come.has(item.id));
    if (arrived.length === 0) return;
    const removal = arrived.map((item) => [item.key, () => undefined] as const);
    await this.local.commit({ outbox: new Map(removal) }).catch(() => {}); // it is shown as the row either way
  }

  // A new id, as if the clock had been right. Nobody has seen the old one; what waits and names it follows. Not if another
  // tab was faster, or has tried it (`attempts` being what they were): then its id stands.
  private async remint(item: OutboxRecord, clockErrorMs: number, epoch: number, attempts?: number): Promise<void> {
    const author = this.api.myId;
    if (author === undefined) return;
    const id = this.minter.mintFor(timeOf(item.id) + clockErrorMs, this.lastReminted, author, item.id);
    this.lastReminted = timeOf(id);
    const correctionMs = this.serverClock.correctionMs;
    let isOurs = false;
    const reminted = (held: OutboxRecord | undefined): OutboxRecord | undefined => {
      isOurs = held?.id === item.id && (attempts === undefined || held.attempts === attempts);
      return held && isOurs ? { ...held, id, correctionMs } : held;
    };
    const following = (held: OutboxRecord | undefined) => (held && isOurs ? renamed(held, item.id, id) : held);
    const others = [...this.local.outbox.values()].filter((other) => names(other.content, item.id));
    const updates = new Map([[item.key, reminted], ...others.map(({ key }) => [key, following] as const)]);
    await this.local.commit({ outbox: updates }, epoch);
  }

  // What is held afterwards; undefined: the store does not hold it, and nothing has changed.
  private async change(
    key: string,
    change: (held: OutboxRecord) => OutboxRecord,
    epoch: number,
  ): Promise<OutboxRecord | undefined> {
    const update = (held: OutboxRecord | undefined) => held && change(held);
    const { outbox } = await this.local.commit({ outbox: new Map([[key, update]]) }, epoch);
    return outbox.get(key);
  }

  private show(key: string, attempt?: Attempt): void {
    if (attempt) this.attempts.set(key, attempt);
    else this.attempts.delete(key);
    this.box.showAttempts(this.attempts);
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return { code: 'unreachable', status: 0, title: 'It did not work.', detail: String(error) };
}

function names(content: Content, id: string): boolean {
  return ('target' in content && content.target === id) || ('replyTo' in content && content.replyTo === id);
}

function renamed(held: OutboxRecord, from: string, to: string): OutboxRecord {
  const { content } = held;
  if ('target' in content && content.target === from) return { ...held, content: { ...content, target: to } };
  if ('replyTo' in content && content.replyTo === from) return { ...held, content: { ...content, replyTo: to } };
  return held;
}

function wireContent(content: Content): Record<string, unknown> {
  if (!('replyTo' in content)) return { ...content };
  const { replyTo, ...rest } = content;
  return { ...rest, reply_to: replyTo };
}

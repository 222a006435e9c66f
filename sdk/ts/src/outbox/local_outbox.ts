import { Cell } from '../base/cell.js';
import { isUuid, timeOf } from '../base/uuid.js';
import type { ServerClock } from '../base/server_clock.js';
import type { GroupId, MessageId, UserReference } from '../public/ids.js';
import type { Outbox, OutboxItem, OutboxSnapshot } from '../public/outbox.js';
import { ProblemError } from '../public/problem.js';
import type { LocalData } from '../store/local_data.js';
import type { Content, OutboxRecord } from '../store/records.js';
import type { Minter } from './minter.js';

/** What only the sending tab knows of an item. */
export interface Attempt {
  readonly sending: boolean;
  readonly nextTryAt?: number;
}

/** The outbox as every tab has it: commits to it, shows it. `Sender` empties it, in the tab that leads. */
export class LocalOutbox implements Outbox {
  readonly snapshot = new Cell<OutboxSnapshot>({ items: [] });
  private attempts: ReadonlyMap<string, Attempt> = new Map();
  /** What is on its way into the store. It is shown already: a disk takes longer than a frame. */
  private readonly entering = new Map<string, OutboxRecord>();
  private readonly shown = new WeakMap<OutboxRecord, { attempt: Attempt | undefined; item: OutboxItem }>();

  constructor(
    private readonly local: LocalData,
    private readonly minter: Minter,
    private readonly serverClock: ServerClock,
  ) {
    local.onCommit(({ outbox }) => {
      if (outbox.size > 0) this.show();
    });
    local.onClear(() => this.show());
  }

  /** What was committed and what is about to be, in that order. */
  get records(): OutboxRecord[] {
    const { outbox } = this.local;
    return [...outbox.values(), ...[...this.entering.values()].filter(({ key }) => !outbox.has(key))];
  }

  /** Commits one message to each target. It shows at once, and is in the store when this resolves. */
  async add(targets: readonly (UserReference | GroupId)[], content: Content): Promise<MessageId> {
    const me = this.local.meta.me;
    if (!me) throw new ProblemError({ code: 'signed-out', status: 0, title: 'Nobody is signed in.' });
    const newestSeen = Math.max(0, ...targets.map((to) => this.newestSeen(to)));
    const id = this.minter.mint(me.id, newestSeen);
    const items = targets.map((to, number): OutboxRecord => {
      const group = isUuid(to) ? to : this.groupOf(to);
      return {
        key: `${id}.${number}`,
        version: 0,
        id,
        to: this.laneOf(to),
        ...(group !== undefined && { group }),
        content,
        correctionMs: this.serverClock.correctionMs,
        state: 'waiting',
        attempts: 0,
      };
    });
    for (const item of items) this.entering.set(item.key, item);
    this.show();
    try {
      await this.local.commit({ outbox: new Map(items.map((item) => [item.key, () => item])) });
    } finally {
      for (const item of items) this.entering.delete(item.key);
      this.show();
    }
    return id;
  }

  async retry(key: string): Promise<void> {
    const again = (held: OutboxRecord | undefined): OutboxRecord | undefined => {
      if (!held || held.state === 'stored') return held;
      const { problem: _problem, ...rest } = held;
      return { ...rest, state: 'waiting' };
    };
    await this.local.commit({ outbox: new Map([[key, again]]) });
  }

  async discard(key: string): Promise<boolean> {
    let isGone = false;
    const unlessSent = (held: OutboxRecord | undefined) => {
      isGone = !held || held.state === 'refused' || (held.state === 'waiting' && held.attempts === 0);
      return isGone ? undefined : held;
    };
    if (this.attempts.get(key)?.sending) return false;
    await this.local.commit({ outbox: new Map([[key, unlessSent]]) });
    return isGone;
  }

  /** What the sender is doing. */
  showAttempts(attempts: ReadonlyMap<string, Attempt>): void {
    this.attempts = attempts;
    this.show();
  }

  isSending(key: string): boolean {
    return this.attempts.get(key)?.sending ?? false;
  }

  show(): void {
    const records = this.records.filter((record) => record.state !== 'stored');
    this.snapshot.set({ items: records.map((record) => this.itemOf(record)) });
  }

  // One object an item until something of it changes.
  private itemOf(record: OutboxRecord): OutboxItem {
    const attempt = this.attempts.get(record.key);
    const before = this.shown.get(record);
    if (before?.attempt === attempt && before) return before.item;
    const { content } = record;
    const item: OutboxItem = {
      key: record.key,
      id: record.id,
      to: record.to,
      ...(record.group !== undefined && { group: record.group }),
      kind: content.kind,
      ...('text' in content && { text: content.text }),
      ...('target' in content && { target: content.target }),
      committedAt: timeOf(record.id),
      state: attempt?.sending ? 'sending' : record.state === 'refused' ? 'refused' : 'waiting',
      attempts: record.attempts,
      ...(record.problem && { problem: record.problem }),
      ...(attempt?.nextTryAt !== undefined && { nextTryAt: attempt.nextTryAt }),
    };
    this.shown.set(record, { attempt, item });
    return item;
  }

  // A direct group may not exist yet, so messages to it name the person; and one lane has one name.
  private laneOf(to: UserReference | GroupId): UserReference | GroupId {
    return (isUuid(to) && this.local.groups.get(to)?.peer) || to;
  }

  private groupOf(to: UserReference | GroupId): GroupId | undefined {
    for (const group of this.local.groups.values()) if (group.peer === to) return group.id;
    return undefined;
  }

  private newestSeen(to: UserReference | GroupId): number {
    const id = isUuid(to) ? to : this.groupOf(to);
    const last = id === undefined ? undefined : this.local.groups.get(id)?.lastRow?.id;
    return last === undefined ? 0 : timeOf(last);
  }
}

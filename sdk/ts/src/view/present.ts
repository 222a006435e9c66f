import { timeOf } from '../base/uuid.js';
import type { AmendProblem, Message, Reaction } from '../public/message.js';
import type { Applied, Content, OutboxRecord, Row } from '../store/records.js';

/** What a message looks like is decided by these, besides the row itself. */
export interface Surroundings {
  /** `@alice` */
  readonly self: string;
  /** The rows that amend it, in any order. */
  readonly amendments: readonly Row[];
  /** One's own amendments in the outbox, in the order of their commits. */
  readonly pending: readonly OutboxRecord[];
  /** Every row from the message to now is held: the rows alone say what became of it. */
  readonly isCovered: boolean;
}

/** A row as it is shown: the later sent amendment wins in each slot, and delete beats edit. */
export function present(row: Row, around: Surroundings): Message {
  const alive = around.pending.filter((item) => item.state !== 'refused');
  const deleted =
    row.deleted === true || around.amendments.some(isDelete) || alive.some(({ content }) => content.kind === 'delete');
  const edit = winningEdit(row, around.amendments);
  const ownEdit = alive
    .map(({ content }) => content)
    .filter((content) => content.kind === 'edit')
    .at(-1);
  const text = ownEdit?.text ?? edit?.text ?? row.text;
  const editedAt = edit?.at ?? row.applied?.editedAt;
  const amendProblem = amendProblemOf(around.pending);
  return {
    ...base(row.id, row.group, row.from, around.self),
    kind: row.kind === 'opaque' ? 'opaque' : 'text',
    receivedAt: row.receivedAt,
    late: row.late,
    links: deleted ? [] : (row.links ?? []),
    mentions: row.mentions ?? [],
    ...(!deleted && text !== undefined && { text }),
    ...(!deleted && row.metadata && { metadata: row.metadata }),
    ...(row.replyTo !== undefined && { replyTo: row.replyTo }),
    ...(!deleted && row.ciphertext !== undefined && { ciphertext: row.ciphertext }),
    ...(row.scheme !== undefined && { scheme: row.scheme }),
    ...(!deleted && editedAt !== undefined && { editedAt }),
    deleted,
    reactions: deleted ? [] : reactionsOf(row, around, alive),
    delivery: 'stored',
    amending: alive.some((item) => item.state === 'waiting'),
    ...(amendProblem && { amendProblem }),
  };
}

/** A message that is in the outbox: shown where it was said. */
export function presentPending(
  item: OutboxRecord,
  self: string,
  isSending: boolean,
  pending: readonly OutboxRecord[],
): Message | undefined {
  const { content } = item;
  if (content.kind !== 'text' && content.kind !== 'opaque') return undefined;
  const alive = pending.filter((other) => other.state !== 'refused');
  const deleted = alive.some((other) => other.content.kind === 'delete');
  const edit = alive
    .map((other) => other.content)
    .filter((other) => other.kind === 'edit')
    .at(-1);
  const text = edit?.text ?? ('text' in content ? content.text : undefined);
  const amendProblem = amendProblemOf(pending);
  return {
    ...base(item.id, item.group ?? '', self, self),
    kind: content.kind,
    ...(item.receivedAt !== undefined && { receivedAt: item.receivedAt }),
    late: item.late ?? false,
    links: content.kind === 'text' ? (content.links ?? []) : [],
    mentions: content.mentions ?? [],
    ...(!deleted && text !== undefined && { text }),
    ...(!deleted && content.metadata && { metadata: content.metadata }),
    ...(content.replyTo !== undefined && { replyTo: content.replyTo }),
    ...(!deleted && content.kind === 'opaque' && { ciphertext: content.ciphertext, scheme: content.scheme }),
    deleted,
    reactions: sorted(
      overlaid(
        new Map(),
        alive.map((other) => other.content),
      ),
    ),
    delivery:
      item.state === 'stored' ? 'stored' : item.state === 'refused' ? 'refused' : isSending ? 'sending' : 'waiting',
    ...(item.problem && { problem: item.problem }),
    amending: alive.some((other) => other.state === 'waiting'),
    ...(amendProblem && { amendProblem }),
  };
}

function base(id: string, group: string, from: string, self: string) {
  return { id, group, from: from as Row['from'], sentAt: timeOf(id), mine: from === self };
}

// One at a time: when it is discarded, the one before it shows.
function amendProblemOf(pending: readonly OutboxRecord[]): AmendProblem | undefined {
  const item = pending.filter((other) => other.state === 'refused').at(-1);
  if (!item?.problem || !('target' in item.content)) return undefined;
  const { code, detail } = item.problem;
  return { key: item.key, kind: item.content.kind, code, ...(detail !== undefined && { detail }) };
}

function isDelete(row: Row): boolean {
  return row.kind === 'delete';
}

// The later sent one; an edit that history had worked in counts by its time.
function winningEdit(row: Row, amendments: readonly Row[]): { text: string | undefined; at: number } | undefined {
  let winner: Row | undefined;
  for (const other of amendments) if (other.kind === 'edit' && (!winner || other.id > winner.id)) winner = other;
  if (!winner || timeOf(winner.id) < (row.applied?.editedAt ?? 0)) return undefined;
  return { text: winner.text, at: timeOf(winner.id) };
}

type Counts = Map<string, { count: number; me: boolean }>;

function reactionsOf(row: Row, around: Surroundings, pending: readonly OutboxRecord[]): readonly Reaction[] {
  const counts =
    around.isCovered || !row.applied ? countedFrom(around.amendments, around.self) : appliedCounts(row.applied);
  return sorted(
    overlaid(
      counts,
      pending.map((item) => item.content),
    ),
  );
}

function appliedCounts(applied: Applied): Counts {
  return new Map(applied.reactions.map(({ emoji, count, me }) => [emoji, { count, me }]));
}

function countedFrom(amendments: readonly Row[], self: string): Counts {
  const slots = new Map<string, Row>();
  for (const row of amendments) {
    if (row.kind !== 'reaction' || row.emoji === undefined) continue;
    const slot = `${row.from} ${row.emoji}`;
    const held = slots.get(slot);
    if (!held || row.id > held.id) slots.set(slot, row);
  }
  const counts: Counts = new Map();
  for (const row of slots.values()) {
    if (row.remove || row.emoji === undefined) continue;
    const { count, me } = counts.get(row.emoji) ?? { count: 0, me: false };
    counts.set(row.emoji, { count: count + 1, me: me || row.from === self });
  }
  return counts;
}

// One's own reactions that are on their way count already.
function overlaid(counts: Counts, pending: readonly Content[]): Counts {
  for (const content of pending) {
    if (content.kind !== 'reaction') continue;
    const { count, me } = counts.get(content.emoji) ?? { count: 0, me: false };
    const wanted = !content.remove;
    counts.set(content.emoji, { count: count + Number(wanted) - Number(me), me: wanted });
  }
  return counts;
}

function sorted(counts: Counts): readonly Reaction[] {
  const reactions = [...counts]
    .map(([emoji, { count, me }]) => ({ emoji, count, me }))
    .filter(({ count }) => count > 0);
  if (reactions.length === 0) return NONE;
  return reactions.sort((a, b) => b.count - a.count || (a.emoji < b.emoji ? -1 : 1));
}

const NONE: readonly Reaction[] = [];

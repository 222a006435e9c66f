import { Cell } from '../base/cell.js';
import type { LocalOutbox } from '../outbox/local_outbox.js';
import type { GroupList, GroupSummary } from '../public/group.js';
import type { GroupId } from '../public/ids.js';
import type { LocalData } from '../store/local_data.js';
import { type GroupRecord, isUnknown, type OutboxRecord } from '../store/records.js';
import { present, presentPending } from './present.js';

/** What a summary was made of: it is the same object as long as these are. */
interface Made {
  readonly record: GroupRecord;
  readonly items: readonly OutboxRecord[];
  readonly sending: boolean;
  readonly summary: GroupSummary;
}

/** The list of groups, made anew after each commit from the records and the outbox. */
export class GroupsView {
  readonly list = new Cell<GroupList>({ groups: [], complete: false, unread: 0, mentions: 0 });
  private made = new Map<GroupId, Made>();

  constructor(
    private readonly local: LocalData,
    private readonly box: LocalOutbox,
    private readonly isOpen: (group: GroupId) => boolean,
  ) {
    local.onCommit(({ groups, outbox, meta }) => {
      if (groups.size > 0 || outbox.size > 0 || meta) this.show();
    });
    local.onClear(() => this.show());
    box.snapshot.subscribe(() => this.show());
  }

  summaryOf(id: GroupId): GroupSummary | undefined {
    return this.made.get(id)?.summary;
  }

  show(): void {
    const waiting = this.itemsOfGroups();
    const made = new Map<GroupId, Made>();
    for (const record of this.local.groups.values()) {
      if (isUnknown(record)) continue;
      made.set(record.id, this.make(record, waiting.get(record.id) ?? NOTHING));
    }
    this.made = made;
    const groups = [...made.values()]
      .filter(({ record, items }) => !record.gone && (record.exists || items.length > 0 || this.isOpen(record.id)))
      .map(({ summary }) => summary)
      .sort((a, b) => activityOf(b) - activityOf(a) || (a.id < b.id ? -1 : 1));
    const before = this.list.get();
    const complete = this.local.meta.statusComplete;
    const isSame =
      before.complete === complete &&
      before.groups.length === groups.length &&
      groups.every((group, i) => group === before.groups[i]);
    if (isSame) return;
    this.list.set({
      groups,
      complete,
      unread: groups.reduce((sum, group) => sum + group.unread, 0),
      mentions: groups.reduce((sum, group) => sum + group.mentions, 0),
    });
  }

  private itemsOfGroups(): Map<GroupId, OutboxRecord[]> {
    const peers = new Map<string, GroupId>();
    for (const { id, peer } of this.local.groups.values()) if (peer !== undefined) peers.set(peer, id);
    const items = new Map<GroupId, OutboxRecord[]>();
    for (const item of this.box.records) {
      const group = item.group ?? peers.get(item.to);
      if (group === undefined) continue;
      const list = items.get(group);
      if (list) list.push(item);
      else items.set(group, [item]);
    }
    return items;
  }

  private make(record: GroupRecord, items: readonly OutboxRecord[]): Made {
    const sending = items.some((item) => this.box.isSending(item.key));
    const before = this.made.get(record.id);
    const isSame =
      before?.record === record &&
      before.sending === sending &&
      !sending &&
      before.items.length === items.length &&
      items.every((item, i) => item === before.items[i]);
    return isSame ? before : { record, items, sending, summary: this.summaryFrom(record, items) };
  }

  private summaryFrom(record: GroupRecord, items: readonly OutboxRecord[]): GroupSummary {
    const last = this.lastMessage(record, items);
    return {
      id: record.id,
      kind: record.kind,
      ...(record.name !== undefined && { name: record.name }),
      ...(record.peer !== undefined && { peer: record.peer }),
      exists: record.exists,
      size: record.size,
      role: record.role,
      mayPost: mayPost(record),
      push: record.push,
      lastUpdated: record.lastUpdated,
      unread: record.unread,
      mentions: record.mentions,
      ...(last && { lastMessage: last }),
      pending: items.filter((item) => item.state === 'waiting').length,
      refused: items.filter((item) => item.state === 'refused').length,
    };
  }

  private lastMessage(record: GroupRecord, items: readonly OutboxRecord[]) {
    const self = `@${this.local.meta.me?.name ?? ''}`;
    const amending = (id: string) => items.filter((item) => 'target' in item.content && item.content.target === id);
    const pending = items.filter(({ content }) => content.kind === 'text' || content.kind === 'opaque');
    const newest = pending.reduce<OutboxRecord | undefined>(
      (last, item) => (!last || item.id > last.id ? item : last),
      undefined,
    );
    const row = record.lastRow;
    if (newest && (!row || newest.id > row.id)) {
      const sending = this.box.isSending(newest.key);
      return presentPending({ ...newest, group: record.id }, self, sending, amending(newest.id));
    }
    return row && present(row, { self, amendments: [], pending: amending(row.id), isCovered: false });
  }
}

const NOTHING: readonly OutboxRecord[] = [];

function mayPost({ role, post }: GroupRecord): boolean {
  return role === 'owner' || role === 'moderator' || (role === 'member' && post !== 'moderators');
}

function activityOf(group: GroupSummary): number {
  return Math.max(group.lastUpdated, group.lastMessage?.sentAt ?? 0);
}

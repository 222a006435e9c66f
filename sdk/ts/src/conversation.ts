import { firstIdOf } from './base/uuid.js';
import type { Conversation, ConversationSnapshot, GapEntry } from './public/conversation.js';
import type { GroupId, MessageId } from './public/ids.js';
import type { Draft, OpaqueDraft } from './public/message.js';
import type { LocalData } from './store/local_data.js';
import type { Content, GroupRecord } from './store/records.js';
import type { ConversationModel } from './view/conversation_model.js';

const PAGE = 50;

export interface HandlePorts {
  readonly local: LocalData;
  readonly add: (content: Content) => Promise<MessageId>;
  readonly check: () => void;
  readonly closed: () => void;
}

/** One opening of a group; several share a model. */
export class ConversationHandle implements Conversation {
  readonly id: GroupId;
  readonly get: () => ConversationSnapshot;
  readonly subscribe: (listener: () => void) => () => void;
  private isClosed = false;

  constructor(
    private readonly model: ConversationModel,
    private readonly ports: HandlePorts,
  ) {
    this.id = model.id;
    this.get = model.cell.get;
    this.subscribe = model.cell.subscribe;
  }

  send(draft: Draft): Promise<MessageId> {
    return this.ports.add({ kind: 'text', ...draft });
  }

  sendOpaque(draft: OpaqueDraft): Promise<MessageId> {
    return this.ports.add({ kind: 'opaque', ...draft });
  }

  edit(target: MessageId, text: string): Promise<MessageId> {
    return this.ports.add({ kind: 'edit', target, text });
  }

  delete(target: MessageId): Promise<MessageId> {
    return this.ports.add({ kind: 'delete', target });
  }

  react(target: MessageId, emoji: string, remove = false): Promise<MessageId> {
    return this.ports.add({ kind: 'reaction', target, emoji, ...(remove && { remove }) });
  }

  loadOlder(count = PAGE): Promise<void> {
    return this.model.loadOlder(count);
  }

  fillGap(gap: GapEntry): Promise<void> {
    return this.model.fillGap(gap, PAGE);
  }

  loadAround(id: MessageId): Promise<boolean> {
    return this.model.loadAround(id);
  }

  loadAt(time: number): Promise<MessageId | undefined> {
    return this.model.loadAt(firstIdOf(time));
  }

  async markRead(): Promise<void> {
    const held = this.ports.local.groups.get(this.id);
    const isDone = !held || held.gone || held.cursor === undefined || held.more;
    if (isDone || (held.unread === 0 && held.mentions === 0)) return;
    // Nothing that arrives from now on was counted yet.
    const read = (record?: GroupRecord): GroupRecord | undefined =>
      record && {
        ...record,
        unread: 0,
        mentions: 0,
        countedUpTo: 0,
        ...(record.cursor !== undefined && { readWanted: record.cursor }),
      };
    await this.ports.local.commit({ groups: new Map([[this.id, read]]) });
  }

  async check(): Promise<void> {
    this.ports.check();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.ports.closed();
  }
}

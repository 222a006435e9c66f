import type { Message, MessageId } from '@tidings/client';

/** What can be done to a message from its row. The same object as long as the conversation is open. */
export interface MessageCommands {
  reply(message: Message): void;
  edit(message: Message): void;
  remove(message: Message): void;
  react(message: Message, emoji: string): void;
  /** Leads to a message that may not be loaded yet. */
  show(id: MessageId): void;
  /** What is held of it; for the line above an answer. */
  find(id: MessageId): Message | undefined;
  retry(message: Message): void;
  discard(message: Message): void;
  readonly mayModerate: boolean;
  readonly mayReact: boolean;
  readonly mayWrite: boolean;
}

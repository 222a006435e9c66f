import type { EntryList, MessageEntry, MessageId } from '@tidings/client';
import { isSameDay } from '../i18n/times';

/** What stands above an entry, and how much of its author is shown. */
export interface Layout {
  /** The day begins with it. */
  readonly startsDay: boolean;
  /** What is new to the reader begins with it. */
  readonly startsNew: boolean;
  /** Its author and time are shown; else it goes on what stands above. */
  readonly startsBlock: boolean;
}

const BLOCK_MS = 5 * 60 * 1000;

function messageAt(entries: EntryList, index: number): MessageEntry | undefined {
  const entry = entries.at(index);
  return entry?.type === 'message' ? entry : undefined;
}

/**
 * Follows from an entry and the one before it alone, so that a list of any length costs only what is on screen.
 * `firstNew` is by arrival: a late message may be new far above the newest.
 */
export function layoutOf(entries: EntryList, index: number, firstNew: MessageId | undefined): Layout {
  const entry = messageAt(entries, index);
  if (entry === undefined) return { startsDay: false, startsNew: false, startsBlock: false };
  const { message } = entry;
  const before = messageAt(entries, index - 1)?.message;
  const startsDay = before === undefined || !isSameDay(before.sentAt, message.sentAt);
  const startsNew = message.id === firstNew;
  const goesOn =
    before !== undefined && before.from === message.from && message.sentAt - before.sentAt < BLOCK_MS &&
    message.replyTo === undefined && !message.late && !before.late;
  return { startsDay, startsNew, startsBlock: startsDay || startsNew || !goesOn };
}

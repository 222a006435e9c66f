import type { Conversation, MessageId } from '@tidings/client';

const PAGE = 200;
const PAGES_MAX = 50;

/** The smallest id of a millisecond: a bound, not the id of a message. */
export function floorId(time: number): MessageId {
  const hex = Math.max(0, time).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** Loads back to a day, as far as there is anything. */
export async function loadDay(conversation: Conversation, bound: MessageId): Promise<void> {
  for (let page = 0; page < PAGES_MAX; page++) {
    const { entries, hasOlder, olderProblem } = conversation.get();
    const first = entries.at(0);
    const begins = first?.type === 'message' ? first.message.id : first?.from;
    if (!hasOlder || olderProblem !== undefined || (begins !== undefined && begins < bound)) return;
    await conversation.loadOlder(PAGE);
  }
}

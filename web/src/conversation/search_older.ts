import type { Conversation } from '@tidings/client';
import { findIn } from './find_in';

const PAGE = 200;
const PAGES_MAX = 10;

/** Loads older messages until one of them holds what is wanted, but no more than 2,000: whoever asks may ask again. */
export async function searchOlder(conversation: Conversation, wanted: string): Promise<void> {
  for (let page = 0; page < PAGES_MAX; page++) {
    const { entries: before, hasOlder } = conversation.get();
    if (!hasOlder) return;
    await conversation.loadOlder(PAGE);
    const { entries, olderProblem } = conversation.get();
    const added = entries.slice(0, Math.max(0, entries.length - before.length));
    if (olderProblem !== undefined || findIn(added, wanted).length > 0) return;
  }
}

import type { ConversationSnapshot } from '../public/conversation.js';

/** What a conversation shows, for comparison: texts, and `…` for a gap. */
export function texts(snapshot: ConversationSnapshot): (string | undefined)[] {
  return [...snapshot.entries].map((entry) => (entry.type === 'message' ? entry.message.text : '…'));
}

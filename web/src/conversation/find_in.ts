import type { EntryList, Message } from '@tidings/client';

const FOUND_MAX = 50;

/** How texts are compared: without case, marks and width, so that "cafe" finds "Café". */
export function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{Mn}/gu, '').toLocaleLowerCase();
}

/** The newest messages that hold every word of `wanted`, newest first. */
export function findIn(entries: EntryList, wanted: string): Message[] {
  const words = folded(wanted).split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return [];
  const found: Message[] = [];
  for (let i = entries.length - 1; i >= 0 && found.length < FOUND_MAX; i--) {
    const entry = entries.at(i);
    if (entry?.type !== 'message' || entry.message.text === undefined) continue;
    const text = folded(entry.message.text);
    if (words.every((word) => text.includes(word))) found.push(entry.message);
  }
  return found;
}

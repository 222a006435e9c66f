import type { EntryList, Message } from '@tidings/client';

/** How many are shown. */
export const FOUND_MAX = 50;
/** How much of a text is shown before the first word that was found. */
const BEFORE = 40;

/** How texts are compared: without case, marks and width, so that "cafe" finds "Café". */
export function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{Mn}/gu, '').toLocaleLowerCase();
}

const wordsOf = (wanted: string) => folded(wanted).split(/\s+/).filter((word) => word !== '');

/** The newest messages that hold every word of `wanted`, newest first. */
export function findIn(entries: Pick<EntryList, 'length' | 'at'>, wanted: string): Message[] {
  const words = wordsOf(wanted);
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

export interface Piece {
  readonly text: string;
  readonly isFound: boolean;
}

/** At most `length` of a text from a little before the first word of `wanted` in it, cut where such words begin and end. */
export function piecesOf(text: string, wanted: string, length: number): Piece[] {
  // Which character each unit of the folded text comes from: folding may make more of them, or fewer.
  let plain = '';
  const origin: number[] = [];
  for (let at = 0; at < text.length;) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    const made = folded(character);
    for (let unit = 0; unit < made.length; unit++) origin.push(at);
    plain += made;
    at += character.length;
  }
  const isFound = new Uint8Array(text.length);
  let first = text.length;
  for (const word of wordsOf(wanted)) {
    for (let at = plain.indexOf(word); at >= 0; at = plain.indexOf(word, at + word.length)) {
      const from = origin[at] ?? 0;
      isFound.fill(1, from, origin[at + word.length] ?? text.length);
      first = Math.min(first, from);
    }
  }
  const begin = first === text.length || first < length / 2 ? 0 : first - BEFORE;
  const pieces: Piece[] = begin > 0 ? [{ text: '…', isFound: false }] : [];
  const end = Math.min(text.length, begin + length);
  for (let from = begin, to = begin; from < end; from = to) {
    while (to < end && isFound[to] === isFound[from]) to++;
    pieces.push({ text: text.slice(from, to), isFound: isFound[from] === 1 });
  }
  return pieces;
}

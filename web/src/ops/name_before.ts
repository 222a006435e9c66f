/** The letters of names, in the order in which names are sorted. */
const LETTERS = '-.0123456789_abcdefghijklmnopqrstuvwxyz';
const FIRST_LETTER = 'a';
const LAST_LETTER = 'z';
const NAME_LENGTH_MAX = 32;
const NAME_LENGTH_MIN = 2;

/**
 * The last of all names that stand before those that begin with `beginning`: a page after it begins with them. Undefined
 * when there is none.
 */
export function nameBefore(beginning: string): string | undefined {
  const stem = beginning.slice(0, -1);
  const letter = beginning.slice(-1);
  const lowest = stem === '' ? FIRST_LETTER : LETTERS.charAt(0);
  if (letter > lowest) return (stem + LETTERS.charAt(LETTERS.indexOf(letter) - 1)).padEnd(NAME_LENGTH_MAX, LAST_LETTER);
  if (stem.length >= NAME_LENGTH_MIN) return stem;
  return stem === '' ? undefined : nameBefore(stem);
}

/** What somebody typed as the beginning of a name; undefined when no name begins so. */
export function beginningIn(text: string): string | undefined {
  const beginning = text.trim().toLowerCase().replace(/^@/, '');
  return /^[a-z][a-z0-9_.-]{0,31}$/.test(beginning) ? beginning : undefined;
}

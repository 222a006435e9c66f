import type { UserReference } from '@tidings/client';

/** The people in a text such as "alice, @bob": each once, in the order given. */
export function namesIn(text: string): UserReference[] {
  const names = text.toLowerCase().split(/[\s,;،]+/).map((name) => name.replace(/^@+/, '')).filter((name) => name !== '');
  return [...new Set(names)].map((name) => `@${name}` as const);
}

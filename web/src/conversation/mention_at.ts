/** A mention that is being typed. */
export interface TypedMention {
  /** Where its `@` stands. */
  readonly start: number;
  readonly beginning: string;
}

const TYPED = /(?:^|[\s([{"'،。])@([a-z0-9_.-]{0,32})$/iu;

/** The mention right before the cursor, if one is being typed. */
export function mentionAt(text: string, cursor: number): TypedMention | undefined {
  const match = TYPED.exec(text.slice(Math.max(0, cursor - 40), cursor));
  if (match === null) return undefined;
  const beginning = match[1] ?? '';
  return { start: cursor - beginning.length - 1, beginning: beginning.toLowerCase() };
}

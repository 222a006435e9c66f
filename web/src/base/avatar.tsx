import type { CSSProperties } from 'react';
import type { ShownStatus } from '@tidings/client';

interface AvatarProps {
  readonly name: string;
  /** What the colour is made of; stays the same when the name changes. */
  readonly seed: string;
  readonly status?: ShownStatus;
  readonly square?: boolean;
}

const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function firstGrapheme(word: string): string {
  for (const { segment } of segments.segment(word)) return segment;
  return '';
}

/** The first letters of the first and the last word, as people see letters. */
export function initials(name: string): string {
  const words = name.trim().slice(0, 200).split(/[\s._-]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const [first = ''] = words;
  // Two letters of an Arabic or Indic name would join into something that it is not.
  const last = words.length > 1 && /^\p{Script=Latin}/u.test(first) ? (words.at(-1) ?? '') : '';
  return (firstGrapheme(first) + firstGrapheme(last)).toLocaleUpperCase() || '·';
}

export function hueOf(seed: string): number {
  let hash = 7;
  for (let i = 0; i < seed.length; i++) hash = (hash * 31 + seed.charCodeAt(i)) % 9973;
  return (hash * 47) % 360;
}

/** Stands beside a name, so it says nothing to those who hear the page. */
export function Avatar({ name, seed, status, square }: AvatarProps) {
  return (
    <span className={square ? 'avatar avatar-square' : 'avatar'} style={{ '--hue': hueOf(seed) } as CSSProperties} aria-hidden="true">
      {initials(name)}
      {status !== undefined && <span className={`dot dot-${status}`} />}
    </span>
  );
}

import type { JSX } from 'react';

// Drawn on a grid of 24, lines of 1.75.
const SHAPES = {
  send: <path d="M4.5 12h13M12.5 6.5 18 12l-5.5 5.5" />,
  smile: <><circle cx="12" cy="12" r="8.5" /><path d="M8.5 14.2a4.3 4.3 0 0 0 7 0M9 9.6v.3M15 9.6v.3" /></>,
  reply: <path d="M9.5 7 5 11.5 9.5 16M5.5 11.5H14a5 5 0 0 1 5 5V18" />,
  edit: <path d="m14.5 6.5 3 3M5 19l.8-3.6L15.9 5.3a1.4 1.4 0 0 1 2 0l.8.8a1.4 1.4 0 0 1 0 2L8.6 18.2z" />,
  trash: <path d="M5 7h14M10 7V5h4v2M7 7l.8 12h8.4L17 7M10.3 10.5v5M13.7 10.5v5" />,
  copy: <><rect x="9" y="9" width="10" height="10" rx="2" /><path d="M15 9V7a2 2 0 0 0-2-2H7a2 2 0 0 0-2 2v6a2 2 0 0 0 2 2h2" /></>,
  more: <path d="M6 12h.01M12 12h.01M18 12h.01" strokeWidth="2.8" />,
  check: <path d="m5.5 12.5 4.2 4.2L18.5 8" />,
  clock: <><circle cx="12" cy="12" r="8" /><path d="M12 7.5V12l2.8 2" /></>,
  alert: <><circle cx="12" cy="12" r="8.5" /><path d="M12 8v4.5M12 15.8v.2" /></>,
  shield: <path d="M12 3.8 18.5 6v5.2c0 4.2-2.7 7.4-6.5 9-3.8-1.6-6.5-4.8-6.5-9V6zM9 12.2l2.2 2.2 4-4.2" />,
  people: <><circle cx="9" cy="9" r="3" /><path d="M3.5 18.5c.4-3 2.6-4.7 5.5-4.7s5.1 1.7 5.5 4.7M15 6.3a3 3 0 0 1 0 5.4M16.8 14.2c2 .6 3.4 2 3.7 4.3" /></>,
  gear: <><circle cx="12" cy="12" r="2.8" /><path d="M12 3.8v2.4M12 17.8v2.4M3.8 12h2.4M17.8 12h2.4M6.2 6.2l1.7 1.7M16.1 16.1l1.7 1.7M6.2 17.8l1.7-1.7M16.1 7.9l1.7-1.7" /></>,
  pen: <path d="M12 5H7a2 2 0 0 0-2 2v10a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-5M10 14l.5-2.5 7-7 2 2-7 7z" />,
  search: <><circle cx="11" cy="11" r="5.8" /><path d="m15.5 15.5 4 4" /></>,
  back: <path d="M14.5 6 8.5 12l6 6" />,
  close: <path d="M6.5 6.5l11 11M17.5 6.5l-11 11" />,
  down: <path d="M12 5.5v13M6.5 13l5.5 5.5L17.5 13" />,
  up: <path d="M12 18.5v-13M6.5 11 12 5.5 17.5 11" />,
  calendar: <><rect x="4.5" y="5.5" width="15" height="14" rx="2.5" /><path d="M4.5 10h15M8.5 3.8v3M15.5 3.8v3" /></>,
} satisfies Record<string, JSX.Element>;

export type IconName = keyof typeof SHAPES;

// These point along the line of text, so they turn with it.
const TURNS: readonly IconName[] = ['send', 'reply', 'back'];

/** A picture beside a label or inside a button that has one; it says nothing itself. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className={TURNS.includes(name) ? 'icon icon-turns' : 'icon'} viewBox="0 0 24 24" aria-hidden="true">
      {SHAPES[name]}
    </svg>
  );
}

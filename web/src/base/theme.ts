import { readPreference, writePreference } from './preference';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const CHOICE = 'theme';

export function chosenTheme(): Theme {
  const chosen = readPreference(CHOICE);
  return THEMES.find((theme) => theme === chosen) ?? 'system';
}

/** The colours follow `color-scheme`, which the root element carries; `system` leaves it to the browser. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.dataset.theme = theme;
}

export function chooseTheme(theme: Theme): void {
  writePreference(CHOICE, theme);
  applyTheme(theme);
}

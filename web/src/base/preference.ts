import { useSyncExternalStore } from 'react';

const PREFIX = 'tidings.';
// Private windows and full disks keep nothing: then it holds until the page is closed.
const unkept = new Map<string, string | undefined>();
const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());

// Another tab has changed one.
addEventListener('storage', tell);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What somebody chose on this device. */
export function readPreference(key: string): string | undefined {
  if (unkept.has(key)) return unkept.get(key);
  try {
    return localStorage.getItem(PREFIX + key) ?? undefined;
  } catch {
    return undefined;
  }
}

export function writePreference(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, value);
  } catch {
    unkept.set(key, value);
  }
  tell();
}

/** Takes everything of ours that begins so off this device. */
export function forgetPreferences(beginning: string): void {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(PREFIX + beginning)) localStorage.removeItem(key);
    }
  } catch {
    // Nothing was kept.
  }
}

export function usePreference(key: string): string | undefined {
  return useSyncExternalStore(subscribe, () => readPreference(key));
}

import { readPreference, writePreference } from '../base/preference';

const key = (me: string, group: string) => `draft.${me}.${group}`;

/** What somebody began to write in a group and has not sent: kept on this device, over reloads. */
export function readDraft(me: string, group: string): string {
  return readPreference(key(me, group)) ?? '';
}

export function keepDraft(me: string, group: string, text: string): void {
  writePreference(key(me, group), text === '' ? undefined : text);
}

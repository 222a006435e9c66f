import type { GroupSummary, PeopleSnapshot, UserReference } from '@tidings/client';
import type { Say } from '../i18n/texts';

// Embeddings, overrides and isolates. A name stands among other words, and one that is left open would turn those round.
const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/gu;

function withoutBidiControls(name: string): string {
  return name.replace(BIDI_CONTROLS, '').trim();
}

/** What somebody is called: their display name once it is known. */
export function personName(people: PeopleSnapshot, user: UserReference): string {
  return withoutBidiControls(people.people.get(user)?.displayName ?? '') || user.slice(1);
}

export function groupName(group: GroupSummary | undefined, people: PeopleSnapshot, me: UserReference, say: Say): string {
  if (group === undefined) return '…';
  if (group.kind === 'group') return withoutBidiControls(group.name ?? '') || say('nav.unnamed');
  if (group.peer === undefined) return say('nav.direct');
  return group.peer === me ? say('nav.notes') : personName(people, group.peer);
}

import type { GroupSummary, PeopleSnapshot, UserReference } from '@tidings/client';
import type { Say } from '../i18n/texts';

/** What somebody is called: their display name once it is known. */
export function personName(people: PeopleSnapshot, user: UserReference): string {
  return people.people.get(user)?.displayName ?? user.slice(1);
}

export function groupName(group: GroupSummary | undefined, people: PeopleSnapshot, me: UserReference, say: Say): string {
  if (group === undefined) return '…';
  if (group.kind === 'group') return group.name ?? say('nav.unnamed');
  if (group.peer === undefined) return say('nav.direct');
  return group.peer === me ? say('nav.notes') : personName(people, group.peer);
}

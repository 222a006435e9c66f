import { useEffect } from 'react';
import type { GroupSummary, UserReference } from '@tidings/client';
import { useClient } from '../base/client';

/** About as many rows as a screen shows. */
const ROWS = 30;

/** Looks up who is named in the first rows of the list and not known yet: one after another, so that others need not wait. */
export function useProfiles(groups: readonly GroupSummary[]): void {
  const { people } = useClient();
  const named = groups.slice(0, ROWS).flatMap((group) => [group.peer, group.kind === 'group' ? group.lastMessage?.from : undefined]);
  const users = [...new Set(named.filter((user) => user !== undefined))].join(' ');
  useEffect(() => {
    let isWanted = true;
    const look = async () => {
      for (const user of users.split(' ') as UserReference[]) {
        if (!isWanted) return;
        // Without a network, or for an account that has ended: the name it signed up with will do.
        if (!people.snapshot.get().people.has(user)) await people.find(user).catch(() => {});
      }
    };
    if (users !== '') void look();
    return () => {
      isWanted = false;
    };
  }, [people, users]);
}

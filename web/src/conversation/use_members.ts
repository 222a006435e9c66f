import { useEffect, useState } from 'react';
import type { GroupSummary, Member } from '@tidings/client';
import { useClient } from '../base/client';

const PAGE = 200;

/** The first members of a group, and their profiles; asked for anew when the group's size changes. */
export function useMembers(group: GroupSummary | undefined): readonly Member[] {
  const client = useClient();
  const [members, setMembers] = useState<readonly Member[]>([]);
  const id = group?.exists ? group.id : undefined;
  const size = group?.size;
  useEffect(() => {
    if (id === undefined) return;
    let isWanted = true;
    const read = async () => {
      const page = await client.groups.members(id, { limit: PAGE });
      if (!isWanted) return;
      setMembers(page.members);
      await Promise.allSettled(page.members.map(({ user }) => client.people.find(user)));
    };
    // Without a network nobody can be listed; names in messages are there all the same.
    read().catch(() => {});
    return () => {
      isWanted = false;
    };
  }, [client, id, size]);
  return members;
}

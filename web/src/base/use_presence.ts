import type { Presence, UserReference } from '@tidings/client';
import { useClient } from './client';
import { useReadable } from './use_readable';

/** Who somebody is to be shown as; nothing while nobody can be asked, for what was known then may hold no longer. */
export function usePresence(user: UserReference | undefined): Presence | undefined {
  const client = useClient();
  const { presence } = useReadable(client.people.snapshot);
  const isOffline = useReadable(client.connection).state === 'offline';
  return user === undefined || isOffline ? undefined : presence.get(user);
}

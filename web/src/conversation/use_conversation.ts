import { useLayoutEffect, useState } from 'react';
import type { Conversation, GroupId } from '@tidings/client';
import { useClient } from '../base/client';

/** Opens a group for as long as the component is there. */
export function useConversation(group: GroupId): Conversation | undefined {
  const client = useClient();
  const [conversation, setConversation] = useState<Conversation>();
  // Before anything is painted: what it holds may be there already.
  useLayoutEffect(() => {
    const opened = client.open(group);
    setConversation(opened);
    return () => {
      setConversation(undefined);
      opened.close();
    };
  }, [client, group]);
  return conversation;
}

import { useCallback, useEffect, useState } from 'react';
import type { GroupId, Message, MessageId } from '@tidings/client';
import { useClient } from '../base/client';

/** What came into a group since it was opened, on the axis of arrival. */
export interface Arrivals {
  /** Others' messages that were not on screen yet; any order. */
  readonly unseen: readonly MessageId[];
  /** The first of what came while nobody looked at the page. */
  readonly firstWhileAway?: MessageId;
  /** The newest arrival, to be read out. */
  readonly last?: Message;
  readonly seen: (ids: ReadonlySet<MessageId>) => void;
  /** The reader has answered what was new before; what comes while away begins anew. */
  readonly answered: boolean;
  /** The reader answers: there is no "while away" any more. */
  readonly back: () => void;
}

const isLookedAt = () => document.visibilityState === 'visible' && document.hasFocus();

export function useArrivals(group: GroupId): Arrivals {
  const client = useClient();
  const [unseen, setUnseen] = useState<readonly MessageId[]>([]);
  const [firstWhileAway, setFirstWhileAway] = useState<MessageId>();
  const [answered, setAnswered] = useState(false);
  const [last, setLast] = useState<Message>();

  useEffect(
    () =>
      client.onArrival(({ message, initial }) => {
        if (initial || message.group !== group || message.mine) return;
        setUnseen((before) => [...before, message.id]);
        setLast(message);
        if (!isLookedAt()) setFirstWhileAway((before) => before ?? message.id);
      }),
    [client, group],
  );

  const seen = useCallback((ids: ReadonlySet<MessageId>) => {
    setUnseen((before) => {
      const rest = before.filter((id) => !ids.has(id));
      return rest.length === before.length ? before : rest;
    });
  }, []);
  const back = useCallback(() => {
    setFirstWhileAway(undefined);
    setAnswered(true);
  }, []);
  return { unseen, seen, answered, back, ...(firstWhileAway ? { firstWhileAway } : {}), ...(last ? { last } : {}) };
}

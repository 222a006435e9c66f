import { useEffect, useState } from 'react';
import type { Conversation, MessageId } from '@tidings/client';
import { entryState } from '../base/in_front';

/** Where a conversation was being read. */
export interface Place {
  /** The message that was at the top of the screen; none: the end, or where the unread begin. */
  readonly id?: MessageId;
  /** It is loaded, or it can't be. */
  readonly isThere: boolean;
}

/** Where one was when this entry of the history was left, by a reload or by going elsewhere. */
export function usePlace(conversation: Conversation, isLoading: boolean): Place {
  const [id] = useState(() => entryState().place);
  const [isThere, setIsThere] = useState(id === undefined);
  useEffect(() => {
    if (id === undefined || isLoading) return;
    void conversation.loadAround(id).finally(() => setIsThere(true));
  }, [conversation, id, isLoading]);
  return { isThere, ...(id === undefined ? {} : { id }) };
}

/** To be asked for by `usePlace` later; undefined while the end is on screen. */
export function keepPlace(place: MessageId | undefined): void {
  const { place: before, ...rest } = entryState();
  if (before !== place) history.replaceState(place === undefined ? rest : { ...rest, place }, '');
}

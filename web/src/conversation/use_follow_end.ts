import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, type RefObject } from 'react';
import { elementScroll, type Virtualizer } from '@tanstack/react-virtual';

type List = Virtualizer<HTMLDivElement, Element>;

export interface FollowEnd {
  /** To the end, and from now on with it. */
  readonly toEnd: () => void;
  /** The reader has been led elsewhere: the end is followed only if that is where they are now. */
  readonly ledElsewhere: () => void;
  /** For the virtualizer: writes a position. What it writes is no wish of the reader's. */
  readonly scrollToFn: typeof elementScroll;
}

export const AT_END_PX = 48;

const distanceFromEnd = (box: HTMLElement) => box.scrollHeight - box.scrollTop - box.clientHeight;

/**
 * Whoever is at the end of the list stays there, whatever is appended, measured or takes room from below, until they go
 * up themselves. The virtualizer follows an append if the position that it knows is at the end; in a burst that position is
 * older than the rows, and the end would be lost.
 */
export function useFollowEnd(scroller: RefObject<HTMLDivElement | null>, list: RefObject<List | null>): FollowEnd {
  const isFollowing = useRef(true);
  const knownTop = useRef(0);

  const look = useCallback((box: HTMLElement) => {
    if (distanceFromEnd(box) <= AT_END_PX) isFollowing.current = true;
    else if (box.scrollTop < knownTop.current - 1) isFollowing.current = false;
    knownTop.current = box.scrollTop;
  }, []);

  const follow = useCallback(() => {
    const box = scroller.current;
    if (box === null || !isFollowing.current) return;
    look(box);
    if (isFollowing.current && distanceFromEnd(box) > 1) list.current?.scrollToEnd();
  }, [scroller, list, look]);

  useLayoutEffect(follow);
  useEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const onScroll = () => look(box);
    box.addEventListener('scroll', onScroll, { passive: true });
    // A banner or a longer draft takes room from below.
    const observer = new ResizeObserver(follow);
    observer.observe(box);
    return () => {
      box.removeEventListener('scroll', onScroll);
      observer.disconnect();
    };
  }, [scroller, look, follow]);

  return useMemo(
    () => ({
      toEnd: () => {
        isFollowing.current = true;
        list.current?.scrollToEnd();
      },
      ledElsewhere: () => {
        const box = scroller.current;
        isFollowing.current = box !== null && distanceFromEnd(box) <= AT_END_PX;
      },
      scrollToFn: (offset, options, instance) => {
        elementScroll(offset, options, instance);
        if (scroller.current !== null) knownTop.current = scroller.current.scrollTop;
      },
    }),
    [scroller, list],
  );
}

import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type FocusEvent, type KeyboardEvent, type Ref } from 'react';
import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import type { Conversation, ConversationSnapshot, MessageId, UserReference } from '@tidings/client';
import { Icon } from '../base/icon';
import { problemText } from '../base/problem_text';
import { useTexts } from '../i18n/texts';
import { GapRow } from './gap_row';
import { layoutOf } from './layout';
import { MessageRow } from './message_row';
import type { Arrivals } from './use_arrivals';
import { AT_END_PX, useFollowEnd } from './use_follow_end';
import { keepPlace } from './use_place';
import type { MessageCommands } from './message_commands';

/** What others may ask of the list. */
export interface MessageListHandle {
  toNewest(): void;
  /** Brings a message that is loaded into view and marks it for a moment. */
  show(id: MessageId): void;
  /** Brings the first message at or after an id into view. */
  showFrom(id: MessageId): void;
  focusNewest(): void;
}

interface MessageListProps {
  readonly conversation: Conversation;
  readonly snapshot: ConversationSnapshot;
  readonly arrivals: Arrivals;
  readonly commands: MessageCommands;
  readonly me: UserReference;
  /** What is to be at the top of the screen at first. */
  readonly place: MessageId | undefined;
  readonly handle: Ref<MessageListHandle>;
}

const ROW_PX = 60;
const NEAR_BEGIN = 12;
const MARKED_MS = 2_000;
/** So long nothing has moved when the place is kept. */
const REST_MS = 200;

/**
 * Only what is near the screen is in the page. The list hangs on its bottom: what comes below is followed by whoever
 * is there already, and what is inserted above never moves what is being read.
 */
export function MessageList({ conversation, snapshot, arrivals, commands, me, place, handle }: MessageListProps) {
  const say = useTexts();
  const { entries, hasOlder, loadingOlder, olderProblem } = snapshot;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string>();
  const [marked, setMarked] = useState<MessageId>();
  const focusWhenThere = useRef<string>(undefined);

  const keyOf = useCallback((index: number) => entries.at(index)?.key ?? index, [entries]);
  // The first look: where one was before, at the newest, or where the unread begin. What stands elsewhere is not rendered
  // on the way there.
  const [{ begin, align }] = useState(() => {
    const before = place === undefined ? -1 : entries.indexOf(place);
    if (before >= 0) return { begin: before, align: 'start' } as const;
    const unread = snapshot.firstUnread === undefined ? -1 : entries.indexOf(snapshot.firstUnread);
    return { begin: unread > 0 && entries.length - unread > 12 ? unread : entries.length, align: 'center' } as const;
  });
  const latest = useRef<Virtualizer<HTMLDivElement, Element>>(null);
  const end = useFollowEnd(scroller, latest);
  const list = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    initialOffset: begin * ROW_PX,
    getItemKey: keyOf,
    overscan: 8,
    paddingStart: 40,
    paddingEnd: 16,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: AT_END_PX,
    scrollToFn: end.scrollToFn,
  });
  latest.current = list;
  const items = list.getVirtualItems();
  const { range } = list;
  const first = range?.startIndex ?? 0;
  const last = range?.endIndex ?? -1;
  const isAtEnd = entries.length === 0 || list.isAtEnd(AT_END_PX);

  const isPlaced = useRef(false);
  useLayoutEffect(() => {
    if (isPlaced.current || entries.length === 0) return;
    isPlaced.current = true;
    if (begin < entries.length) {
      list.scrollToIndex(begin, { align });
      end.ledElsewhere();
    } else end.toEnd();
  });

  useEffect(() => {
    if (isPlaced.current && first < NEAR_BEGIN && hasOlder && !loadingOlder && olderProblem === undefined) void conversation.loadOlder();
  }, [conversation, first, hasOlder, loadingOlder, olderProblem, entries]);

  const top = isAtEnd ? undefined : entries.at(first);
  const topId = top?.type === 'message' ? top.message.id : top?.from;
  useEffect(() => {
    const timer = setTimeout(() => keepPlace(topId), REST_MS);
    return () => clearTimeout(timer);
  }, [topId]);

  const isLate = (id: MessageId) => {
    const entry = entries.at(entries.indexOf(id));
    return entry?.type === 'message' && entry.message.late;
  };
  useEffect(() => {
    if (arrivals.unseen.length === 0) return;
    const seen = new Set<MessageId>();
    for (const entry of entries.slice(first, last + 1)) if (entry.type === 'message') seen.add(entry.message.id);
    // At the end, what went by has been there; only what was put in above has not.
    if (isAtEnd) for (const id of arrivals.unseen) if (!isLate(id)) seen.add(id);
    arrivals.seen(seen);
  });

  // What is at the end of the list and on screen counts as read.
  useEffect(() => {
    const read = () => {
      if (isAtEnd && document.visibilityState === 'visible' && document.hasFocus()) void conversation.markRead();
    };
    read();
    addEventListener('focus', read);
    document.addEventListener('visibilitychange', read);
    return () => {
      removeEventListener('focus', read);
      document.removeEventListener('visibilitychange', read);
    };
  }, [conversation, isAtEnd, entries]);

  const showIndex = (index: number) => {
    list.scrollToIndex(Math.max(0, index), { align: 'center' });
    end.ledElsewhere();
    const entry = entries.at(index);
    if (entry?.type !== 'message') return;
    setMarked(entry.message.id);
    setTimeout(() => setMarked((id) => (id === entry.message.id ? undefined : id)), MARKED_MS);
  };
  const focusIndex = (index: number) => {
    const entry = entries.at(index);
    if (entry === undefined) return;
    setActive(entry.key);
    focusWhenThere.current = entry.key;
    list.scrollToIndex(index, { align: 'auto' });
    end.ledElsewhere();
  };
  useEffect(() => {
    const key = focusWhenThere.current;
    const row = key === undefined ? null : scroller.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    if (!row) return;
    focusWhenThere.current = undefined;
    row.focus({ preventScroll: true });
  });

  useImperativeHandle(handle, () => ({
    toNewest: end.toEnd,
    show: (id) => {
      const index = entries.indexOf(id);
      if (index >= 0) showIndex(index);
    },
    showFrom: (id) => showIndex(Math.min(entries.position(id), entries.length - 1)),
    focusNewest: () => focusIndex(entries.length - 1),
  }));

  const activeIndex = items.find((item) => item.key === active)?.index;
  // One stop for Tab: where the arrow keys were last, or the newest that is in the page.
  const tabStop = activeIndex ?? items.at(-1)?.index;

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (!(event.target instanceof HTMLElement) || event.target.dataset.key === undefined) return;
    const from = activeIndex ?? entries.length - 1;
    const to = { ArrowUp: from - 1, ArrowDown: from + 1, Home: 0, End: entries.length - 1 }[event.key];
    if (to === undefined || to < 0 || to >= entries.length) return;
    event.preventDefault();
    focusIndex(to);
  };

  // What can be done to a message goes when the focus leaves the list, but not when it is in what that has opened.
  const onBlur = ({ currentTarget, relatedTarget }: FocusEvent<HTMLElement>) => {
    if (relatedTarget instanceof Element && !currentTarget.contains(relatedTarget) && relatedTarget.closest('.menu, .popover') === null) setActive(undefined);
  };

  const firstNew = arrivals.firstWhileAway ?? (arrivals.answered ? undefined : snapshot.firstUnread);
  const below = arrivals.unseen.filter((id) => entries.position(id) > last).length;
  const lateAbove = arrivals.unseen.filter((id) => entries.position(id) < first && isLate(id));
  const above = lateAbove.length;

  return (
    <div className="list">
      <div className="scroller" ref={scroller} data-testid="scroller">
        <div className="list-head">
          {loadingOlder && <p>{say('list.older')}</p>}
          {olderProblem !== undefined && (
            <p>
              {say('list.olderFailed', { reason: problemText(olderProblem, say) })}{' '}
              <button type="button" className="button button-small" onClick={() => void conversation.loadOlder()}>{say('list.retry')}</button>
            </p>
          )}
          {!hasOlder && !snapshot.loading && entries.length > 0 && <p>{say('list.begin')}</p>}
        </div>
        <ol className="rows" aria-label={say('list.label')} style={{ height: list.getTotalSize() }} onKeyDown={onKeyDown} onBlur={onBlur}>
          {items.map((item) => {
            const entry = entries.at(item.index);
            if (entry === undefined) return null;
            return (
              <li
                key={item.key} ref={list.measureElement} data-index={item.index} data-key={entry.key} tabIndex={item.index === tabStop ? 0 : -1}
                aria-setsize={hasOlder ? -1 : entries.length} aria-posinset={item.index + 1}
                className={entry.type === 'message' && entry.message.id === marked ? 'row row-marked' : 'row'}
                style={{ transform: `translateY(${item.start}px)` }} onFocus={() => setActive(entry.key)}
              >
                {entry.type === 'gap' ? (
                  <GapRow gap={entry} conversation={conversation} />
                ) : (
                  <MessageRow message={entry.message} {...layoutOf(entries, item.index, firstNew)} commands={commands} me={me} isActive={entry.key === active} />
                )}
              </li>
            );
          })}
        </ol>
      </div>
      {above > 0 && (
        <button type="button" className="pill pill-above" onClick={() => { const nearest = [...lateAbove].sort().at(-1); if (nearest !== undefined) showIndex(entries.indexOf(nearest)); }}>
          <Icon name="up" />{say('list.above', { count: above })}
        </button>
      )}
      {(below > 0 || !isAtEnd) && (
        <button type="button" className={below > 0 ? 'pill pill-below' : 'pill pill-below pill-round'} aria-label={below > 0 ? undefined : say('list.toNewest')} onClick={end.toEnd}>
          <Icon name="down" />{below > 0 && say('list.below', { count: below })}
        </button>
      )}
    </div>
  );
}

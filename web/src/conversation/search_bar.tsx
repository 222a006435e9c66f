import { useDeferredValue, useMemo, useState } from 'react';
import type { Conversation, ConversationSnapshot, Message, MessageId } from '@tidings/client';
import { useClient } from '../base/client';
import { Icon } from '../base/icon';
import { personName } from '../base/names';
import { problemText } from '../base/problem_text';
import { useAction } from '../base/use_action';
import { useReadable } from '../base/use_readable';
import { useLanguage, useTexts } from '../i18n/texts';
import { shortTime } from '../i18n/times';
import { FOUND_MAX, findIn, piecesOf } from './find_in';
import { searchOlder } from './search_older';

const SHOWN = 160;

interface SearchBarProps {
  readonly conversation: Conversation;
  readonly snapshot: ConversationSnapshot;
  readonly onShow: (id: MessageId) => void;
  readonly onDate: (day: Date) => void;
  readonly onClose: () => void;
}

/** Looks in what is loaded, and in what is older when that is asked for; leads to a day. */
export function SearchBar({ conversation, snapshot, onShow, onDate, onClose }: SearchBarProps) {
  const say = useTexts();
  const [wanted, setWanted] = useState('');
  const looked = useDeferredValue(wanted);
  const action = useAction();
  const { entries, hasOlder, olderProblem } = snapshot;
  const found = useMemo(() => findIn(entries, looked), [entries, looked]);
  const hasMore = hasOlder && found.length < FOUND_MAX;
  return (
    <search className="search" onKeyDown={(event) => event.key === 'Escape' && onClose()}>
      <div className="search-line">
        <Icon name="search" />
        <input type="search" autoFocus value={wanted} aria-label={say('find.label')} placeholder={say('find.label')} onChange={(event) => setWanted(event.target.value)} />
        <input type="date" aria-label={say('find.date')} title={say('find.date')} max={new Date().toISOString().slice(0, 10)} onChange={(event) => event.target.valueAsDate !== null && onDate(new Date(`${event.target.value}T00:00:00`))} />
        <button type="button" className="action" aria-label={say('find.close')} onClick={onClose}><Icon name="close" /></button>
      </div>
      {looked.trim() !== '' && (
        <>
          <p className="hint" role="status">{found.length > 0 ? say('find.found', { count: found.length }) : say(hasOlder ? 'find.none' : 'find.nowhere')}</p>
          <ul className="search-found">{found.map((message) => <Found key={message.id} message={message} wanted={looked} onShow={onShow} />)}</ul>
          {hasMore && olderProblem !== undefined && <p className="error" role="alert">{problemText(olderProblem, say)}</p>}
          {hasMore && <button type="button" className="button button-small" disabled={action.busy} onClick={() => void action.run(() => searchOlder(conversation, looked))}>{say(action.busy ? 'list.older' : 'find.older')}</button>}
        </>
      )}
    </search>
  );
}

function Found({ message, wanted, onShow }: { readonly message: Message; readonly wanted: string; readonly onShow: (id: MessageId) => void }) {
  const people = useReadable(useClient().people.snapshot);
  const language = useLanguage();
  return (
    <li>
      <button type="button" onClick={() => onShow(message.id)}>
        <b><bdi>{personName(people, message.from)}</bdi></b> <time>{shortTime(message.sentAt, Date.now(), language)}</time>
        <span dir="auto">{piecesOf(message.text ?? '', wanted, SHOWN).map(({ text, isFound }, at) => (isFound ? <mark key={at}>{text}</mark> : text))}</span>
      </button>
    </li>
  );
}

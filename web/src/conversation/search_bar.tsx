import { useDeferredValue, useMemo, useState } from 'react';
import type { EntryList, Message, MessageId } from '@tidings/client';
import { useClient } from '../base/client';
import { Icon } from '../base/icon';
import { personName } from '../base/names';
import { useReadable } from '../base/use_readable';
import { useLanguage, useTexts } from '../i18n/texts';
import { shortTime } from '../i18n/times';
import { findIn } from './find_in';

interface SearchBarProps {
  readonly entries: EntryList;
  readonly onShow: (id: MessageId) => void;
  readonly onDate: (day: Date) => void;
  readonly onClose: () => void;
}

/** Looks in what is loaded, and leads to a day. */
export function SearchBar({ entries, onShow, onDate, onClose }: SearchBarProps) {
  const say = useTexts();
  const [wanted, setWanted] = useState('');
  const looked = useDeferredValue(wanted);
  const found = useMemo(() => findIn(entries, looked), [entries, looked]);
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
          <p className="hint" role="status">{found.length === 0 ? say('find.none') : say('find.found', { count: found.length })}</p>
          <ul className="search-found">{found.map((message) => <Found key={message.id} message={message} onShow={onShow} />)}</ul>
        </>
      )}
    </search>
  );
}

function Found({ message, onShow }: { readonly message: Message; readonly onShow: (id: MessageId) => void }) {
  const people = useReadable(useClient().people.snapshot);
  const language = useLanguage();
  return (
    <li>
      <button type="button" onClick={() => onShow(message.id)}>
        <b><bdi>{personName(people, message.from)}</bdi></b> <time>{shortTime(message.sentAt, Date.now(), language)}</time>
        <span dir="auto">{message.text?.slice(0, 160)}</span>
      </button>
    </li>
  );
}

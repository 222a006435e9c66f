import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { Message, UserReference } from '@tidings/client';
import { useClient } from '../base/client';
import { codePoints } from '../base/code_points';
import { EmojiButton } from '../base/emoji_button';
import { Icon } from '../base/icon';
import { personName } from '../base/names';
import { useReadable } from '../base/use_readable';
import { useTexts } from '../i18n/texts';
import { keepDraft, readDraft } from './drafts';
import { mentionAt } from './mention_at';

/** What the composer is about, besides a new message. */
export type Intent = { readonly kind: 'reply' | 'edit'; readonly message: Message };

interface ComposerProps {
  /** Whose drafts these are. */
  readonly me: string;
  readonly self: UserReference;
  readonly group: string;
  readonly name: string;
  /** Who may be mentioned. */
  readonly members: readonly UserReference[];
  readonly intent: Intent | undefined;
  readonly onCancel: () => void;
  readonly onSend: (text: string, mentions: readonly UserReference[]) => void;
  readonly onUp: () => void;
}

const TEXT_MAX = 10_000;
const COUNT_FROM = 9_000;
const MENTIONS_MAX = 20;
const OFFERS = 6;

export function Composer({ me, self, group, name, members, intent, onCancel, onSend, onUp }: ComposerProps) {
  const say = useTexts();
  const id = useId();
  const people = useReadable(useClient().people.snapshot);
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() => readDraft(me, group));
  const [cursor, setCursor] = useState(0);
  const [offer, setOffer] = useState(0);
  /** Where the `@` stands whose offers were put away. */
  const [refused, setRefused] = useState<number>();
  const isEdit = intent?.kind === 'edit';

  // An edit begins with what was said; afterwards the draft is back. Before anything else can be typed: a key that came
  // in between would take the place of what was said.
  useLayoutEffect(() => {
    if (intent === undefined) return;
    if (intent.kind === 'edit') setText(intent.message.text ?? '');
    field.current?.focus();
    return () => setText(readDraft(me, group));
  }, [intent, me, group]);

  // Whoever opens a conversation can write at once. A phone would show its keyboard over what is to be read.
  useEffect(() => {
    if (matchMedia('(pointer: fine)').matches) field.current?.focus({ preventScroll: true });
  }, []);

  useLayoutEffect(() => {
    const area = field.current;
    if (area === null) return;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight}px`;
  }, [text]);

  const change = (next: string) => {
    setText(next);
    if (refused !== undefined && next[refused] !== '@') setRefused(undefined);
    if (!isEdit) keepDraft(me, group, next);
  };

  const typed = mentionAt(text, cursor);
  const offers = typed === undefined || typed.start === refused ? [] : members
    .filter((user) => user !== self && (user.slice(1).startsWith(typed.beginning) || personName(people, user).toLowerCase().startsWith(typed.beginning)))
    .slice(0, OFFERS);
  const chosen = Math.min(offer, offers.length - 1);

  const insert = (piece: string, from: number, to: number) => {
    change(text.slice(0, from) + piece + text.slice(to));
    setCursor(from + piece.length);
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(from + piece.length, from + piece.length);
    });
  };
  const mention = (user: UserReference) => {
    if (typed !== undefined) insert(`${user} `, typed.start, cursor);
    setOffer(0);
  };

  const left = text.length < COUNT_FROM ? TEXT_MAX : TEXT_MAX - codePoints(text.trim());
  const maySend = text.trim() !== '' && left >= 0;
  const send = () => {
    if (!maySend) return;
    const said = text.trim();
    onSend(said, members.filter((user) => new RegExp(`(^|[^a-z0-9_.-])${user.replaceAll('.', '\\.')}(?![a-z0-9_-])`).test(said)).slice(0, MENTIONS_MAX));
    setText('');
    if (!isEdit) keepDraft(me, group, '');
    onCancel();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    // Enter ends a word that is being composed (Chinese, Japanese, Korean), not the message.
    if (event.nativeEvent.isComposing) return;
    if (offers.length > 0 && ['ArrowUp', 'ArrowDown', 'Enter', 'Tab'].includes(event.key)) {
      event.preventDefault();
      const user = offers[chosen];
      if (event.key === 'Enter' || event.key === 'Tab') {
        if (user !== undefined) mention(user);
      } else setOffer((chosen + (event.key === 'ArrowUp' ? offers.length - 1 : 1)) % offers.length);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape' && offers.length > 0) setRefused(typed?.start);
    else if (event.key === 'Escape') onCancel();
    else if (event.key === 'ArrowUp' && text === '') {
      event.preventDefault();
      onUp();
    }
  };

  return (
    <div className="composer">
      {intent !== undefined && (
        <div className="intent">
          <Icon name={isEdit ? 'edit' : 'reply'} />
          <span>{isEdit ? say('composer.editing') : say('composer.replying', { name: personName(people, intent.message.from) })}</span>
          <button type="button" className="action" aria-label={say('composer.cancel')} onClick={onCancel}><Icon name="close" /></button>
        </div>
      )}
      {offers.length > 0 && (
        <ul className="offers" role="listbox" id={`${id}-offers`} aria-label={say('composer.mention')}>
          {offers.map((user, index) => (
            <li key={user} id={`${id}-${index}`} role="option" aria-selected={index === chosen} onPointerDown={(event) => { event.preventDefault(); mention(user); }}>
              <bdi>{personName(people, user)}</bdi> <span>{user}</span>
            </li>
          ))}
        </ul>
      )}
      <div className="composer-box">
        <textarea
          ref={field} rows={1} dir={text === '' ? undefined : 'auto'} value={text} aria-label={say('composer.label', { name })} placeholder={say('composer.placeholder', { name })}
          aria-autocomplete="list" aria-haspopup="listbox" aria-controls={offers.length > 0 ? `${id}-offers` : undefined} aria-activedescendant={offers.length > 0 ? `${id}-${chosen}` : undefined}
          onChange={(event) => { change(event.target.value); setCursor(event.target.selectionStart); }}
          onSelect={(event) => setCursor(event.currentTarget.selectionStart)} onKeyDown={onKeyDown}
        />
        <EmojiButton className="action" label={say('composer.emoji')} onPick={(emoji) => insert(emoji, field.current?.selectionStart ?? text.length, field.current?.selectionEnd ?? text.length)} />
        <button type="button" className="send" aria-label={say('composer.send')} disabled={!maySend} onClick={send}><Icon name="send" /></button>
      </div>
      {left < TEXT_MAX - COUNT_FROM && <p className={left < 0 ? 'count count-over' : 'count'} role="status">{left < 0 ? say('composer.over', { count: -left }) : say('composer.left', { count: left })}</p>}
    </div>
  );
}

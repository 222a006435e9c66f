import { memo, useRef, useState } from 'react';
import type { Message, UserReference } from '@tidings/client';
import { Avatar } from '../base/avatar';
import { useClient } from '../base/client';
import { Icon } from '../base/icon';
import { personName } from '../base/names';
import { Question } from '../base/sure';
import { useReadable } from '../base/use_readable';
import { useLanguage, useTexts } from '../i18n/texts';
import { clockTime, dayName, fullTime } from '../i18n/times';
import { AmendMark } from './amend_mark';
import { DeliveryMark } from './delivery_mark';
import type { Layout } from './layout';
import { Markdown } from './markdown';
import { MessageActions } from './message_actions';
import type { MessageCommands } from './message_commands';

interface MessageRowProps extends Layout {
  readonly message: Message;
  readonly commands: MessageCommands;
  readonly me: UserReference;
  readonly isActive: boolean;
}

/** Longer ones are cut until somebody asks for the rest. */
const LONG = 1_500;

export const MessageRow = memo(function MessageRow({ message, startsDay, startsNew, startsBlock, commands, me, isActive }: MessageRowProps) {
  const say = useTexts();
  const language = useLanguage();
  const people = useReadable(useClient().people.snapshot);
  const [isHovered, setIsHovered] = useState(false);
  const [isAsked, setIsAsked] = useState(false);
  const article = useRef<HTMLElement>(null);
  const name = personName(people, message.from);
  const isService = people.people.get(message.from)?.service ?? false;
  const time = clockTime(message.sentAt, language);
  const mentionsMe = message.mentions.includes(me);
  const answer = (isSure: boolean) => {
    article.current?.closest<HTMLElement>('.row')?.focus({ preventScroll: true });
    setIsAsked(false);
    if (isSure) commands.remove(message);
  };

  return (
    <>
      {startsDay && <div className="day"><span>{dayName(message.sentAt, Date.now(), language, say)}</span></div>}
      {startsNew && <div className="new"><span>{say('list.new')}</span></div>}
      <article
        ref={article}
        className={['message', startsBlock ? 'message-first' : '', mentionsMe ? 'message-mentions' : '', `message-${message.delivery}`].join(' ')}
        aria-label={say('message.by', { name, time })} onPointerEnter={() => setIsHovered(true)} onPointerLeave={() => setIsHovered(false)}
      >
        <div className="message-side">
          {startsBlock ? <Avatar name={name} seed={message.from} /> : <time dateTime={new Date(message.sentAt).toISOString()} className="message-time-side">{time}</time>}
        </div>
        <div className="message-main">
          {startsBlock && (
            <header className="message-head">
              <bdi className="message-author">{name}</bdi>
              {isService && <span className="tag">{say('presence.bot')}</span>}
              <time dateTime={new Date(message.sentAt).toISOString()} title={fullTime(message.sentAt, language)}>{time}</time>
              {message.late && message.receivedAt !== undefined && (
                <span className="tag tag-late" title={say('message.lateHint', { sent: fullTime(message.sentAt, language), received: fullTime(message.receivedAt, language) })}>
                  <Icon name="clock" />{say('message.late')} · {clockTime(message.receivedAt, language)}
                </span>
              )}
            </header>
          )}
          {message.replyTo !== undefined && <Quoted message={message} commands={commands} />}
          <Body message={message} />
          {message.reactions.length > 0 && (
            <ul className="reactions">
              {message.reactions.map(({ emoji, count, me: mine }) => (
                <li key={emoji}>
                  <button type="button" className={mine ? 'reaction reaction-mine' : 'reaction'} aria-pressed={mine} aria-label={say('message.reaction', { emoji, count })} disabled={!commands.mayReact} onClick={() => commands.react(message, emoji)}>
                    <span className="emoji">{emoji}</span> {count}
                  </button>
                </li>
              ))}
            </ul>
          )}
          <DeliveryMark message={message} commands={commands} />
          <AmendMark message={message} />
          {isAsked && !message.deleted && <Question question={say('message.deleteSure')} yes={say('message.delete')} onYes={() => answer(true)} onNo={() => answer(false)} />}
        </div>
        {(isHovered || isActive) && !isAsked && !message.deleted && message.delivery !== 'refused' && <MessageActions message={message} commands={commands} onRemove={() => setIsAsked(true)} />}
      </article>
    </>
  );
});

function Body({ message }: { readonly message: Message }) {
  const say = useTexts();
  const [isWhole, setIsWhole] = useState(false);
  if (message.deleted) return <p className="message-gone">{say('message.deleted')}</p>;
  if (message.kind === 'opaque') return <p className="message-gone">{say('message.encrypted')}</p>;
  const text = message.text ?? '';
  const isLong = text.length > LONG || text.split('\n', 31).length > 30;
  return (
    <div className={isLong && !isWhole ? 'message-body message-cut' : 'message-body'} dir="auto">
      <Markdown text={text} mentions={message.mentions} />
      {message.editedAt !== undefined && <span className="edited"> ({say('message.edited')})</span>}
      {message.links.filter((link) => /^https?:\/\//.test(link) && !text.includes(link)).map((link) => <p key={link} dir="ltr"><a href={link} target="_blank" rel="noopener noreferrer nofollow">{link}</a></p>)}
      {isLong && <button type="button" className="button button-small cut-button" onClick={() => setIsWhole(!isWhole)}>{say(isWhole ? 'message.showLess' : 'message.showMore')}</button>}
    </div>
  );
}

function Quoted({ message, commands }: { readonly message: Message; readonly commands: MessageCommands }) {
  const say = useTexts();
  const people = useReadable(useClient().people.snapshot);
  const id = message.replyTo;
  if (id === undefined) return null;
  const original = commands.find(id);
  return (
    <button type="button" className="quoted" onClick={() => commands.show(id)}>
      <Icon name="reply" />
      {original === undefined ? say('message.replyGone') : <><bdi>{personName(people, original.from)}</bdi><span dir="auto">{original.deleted ? say('message.deleted') : (original.text ?? say('nav.encrypted')).slice(0, 120)}</span></>}
    </button>
  );
}

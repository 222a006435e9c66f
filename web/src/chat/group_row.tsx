import type { GroupSummary, Message } from '@tidings/client';
import { Avatar } from '../base/avatar';
import { useClient } from '../base/client';
import { Icon } from '../base/icon';
import { Link } from '../base/link';
import { personName } from '../base/names';
import { usePresence } from '../base/use_presence';
import { useReadable } from '../base/use_readable';
import { useLanguage, useTexts, type Say } from '../i18n/texts';
import { shortTime } from '../i18n/times';

interface GroupRowProps {
  readonly group: GroupSummary;
  readonly name: string;
  readonly isChosen: boolean;
}

export function GroupRow({ group, name, isChosen }: GroupRowProps) {
  const say = useTexts();
  const language = useLanguage();
  const people = useReadable(useClient().people.snapshot);
  const { lastMessage: last, unread, mentions, pending, refused } = group;
  const status = usePresence(group.peer)?.status;
  const author = last === undefined || group.kind === 'direct' ? undefined : personName(people, last.from);
  return (
    <Link className={unread > 0 ? 'group group-unread' : 'group'} to={{ page: 'group', group: group.id }} aria-current={isChosen ? 'page' : undefined}>
      <Avatar name={name} seed={group.peer ?? group.id} square={group.kind === 'group'} {...(status ? { status } : {})} />
      <span className="group-name" dir="auto">{name}</span>
      <time className="group-time">{last !== undefined && shortTime(last.sentAt, Date.now(), language)}</time>
      <span className="group-last" dir="auto">{last !== undefined && lineOf(last, author, say)}</span>
      <span className="group-counts">
        {refused > 0 && <span className="group-refused" title={say('nav.refused', { count: refused })}><Icon name="alert" /><span className="unseen">{say('nav.refused', { count: refused })}</span></span>}
        {pending > 0 && refused === 0 && <span className="group-waiting" title={say('nav.waiting', { count: pending })}><Icon name="clock" /><span className="unseen">{say('nav.waiting', { count: pending })}</span></span>}
        {mentions > 0 && <span className="badge badge-mention"><span aria-hidden="true">@{mentions}</span><span className="unseen">{say('nav.mentions', { count: mentions })}</span></span>}
        {unread > 0 && <span className="badge"><span aria-hidden="true">{unread >= 100 ? '99+' : unread}</span><span className="unseen">{say('nav.unread', { count: unread })}</span></span>}
      </span>
    </Link>
  );
}

function lineOf(message: Message, author: string | undefined, say: Say): string {
  const text = message.deleted ? say('nav.deleted') : message.kind === 'opaque' ? say('nav.encrypted') : (message.text ?? '').slice(0, 200).replace(/[*_`~]+/g, '').replace(/\s+/g, ' ');
  if (message.mine) return say('nav.you', { text });
  return author === undefined ? text : `${author}: ${text}`;
}

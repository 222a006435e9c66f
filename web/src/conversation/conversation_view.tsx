import { useEffect, useMemo, useRef, useState } from 'react';
import type { Conversation, GroupId, Me, Message, MessageId, UserReference } from '@tidings/client';
import { Avatar } from '../base/avatar';
import { useClient } from '../base/client';
import { Icon } from '../base/icon';
import { Link } from '../base/link';
import { groupName, personName } from '../base/names';
import { navigate } from '../base/route';
import { usePresence } from '../base/use_presence';
import { useReadable } from '../base/use_readable';
import { GroupDialog } from '../group/group_dialog';
import { useLanguage, useTexts } from '../i18n/texts';
import { shortTime } from '../i18n/times';
import { Composer, type Intent } from './composer';
import { floorId, loadDay } from './load_day';
import type { MessageCommands } from './message_commands';
import { MessageList, type MessageListHandle } from './message_list';
import { PersonDialog } from './person_dialog';
import { SearchBar } from './search_bar';
import { TrustMark } from './trust_mark';
import { useArrivals } from './use_arrivals';
import { useConversation } from './use_conversation';
import { useMembers } from './use_members';
import { usePlace } from './use_place';

interface ConversationViewProps {
  readonly id: GroupId;
  readonly me: Me;
}

export function ConversationView({ id, me }: ConversationViewProps) {
  const conversation = useConversation(id);
  return conversation === undefined ? null : <Opened conversation={conversation} me={me} />;
}

function Opened({ conversation, me }: { readonly conversation: Conversation; readonly me: Me }) {
  const say = useTexts();
  const client = useClient();
  const snapshot = useReadable(conversation);
  const people = useReadable(client.people.snapshot);
  const arrivals = useArrivals(conversation.id);
  const members = useMembers(snapshot.group);
  const place = usePlace(conversation, snapshot.loading);
  const list = useRef<MessageListHandle>(null);
  const [intent, setIntent] = useState<Intent>();
  const [isSearching, setIsSearching] = useState(false);
  const searchButton = useRef<HTMLButtonElement>(null);
  const [isDetailed, setIsDetailed] = useState(false);
  const { group, entries, gone, unknown } = snapshot;
  const self: UserReference = `@${me.name}`;
  const name = unknown ? say('nav.unnamed') : groupName(group, people, self, say);
  const peer = group?.kind === 'direct' && group.peer !== self ? group.peer : undefined;
  const references = useMemo(() => members.map(({ user }) => user), [members]);

  const mayWrite = !gone && !unknown && group?.mayPost !== false;
  const commands = useCommands(conversation, { mayWrite, mayModerate: group?.role === 'owner' || group?.role === 'moderator', mayReact: mayWrite && group?.push !== false }, {
    setIntent,
    show: (wanted) => void conversation.loadAround(wanted).then(() => requestAnimationFrame(() => list.current?.show(wanted))),
  });

  const send = (text: string, mentions: readonly UserReference[]) => {
    if (intent?.kind === 'edit') {
      void conversation.edit(intent.message.id, text);
      return;
    }
    void conversation.send({ text, mentions, ...(intent ? { replyTo: intent.message.id } : {}) });
    arrivals.back();
    requestAnimationFrame(() => list.current?.toNewest());
  };

  const editLast = () => {
    for (let i = entries.length - 1; i >= 0; i--) {
      const entry = entries.at(i);
      if (entry?.type === 'message' && entry.message.mine && !entry.message.deleted && entry.message.kind === 'text') return setIntent({ kind: 'edit', message: entry.message });
    }
    list.current?.focusNewest();
  };

  const endSearch = () => {
    setIsSearching(false);
    searchButton.current?.focus();
  };

  const showDay = async (day: Date) => {
    const bound = floorId(day.getTime());
    await loadDay(conversation, bound);
    requestAnimationFrame(() => list.current?.showFrom(bound));
  };

  return (
    <section className="conversation" aria-label={name}>
      <header className="conversation-head">
        <button type="button" className="action back" aria-label={say('nav.back')} onClick={() => navigate({ page: 'home' })}><Icon name="back" /></button>
        <Avatar name={name} seed={group?.peer ?? conversation.id} square={group?.kind === 'group'} />
        <div className="conversation-title">
          <h1 dir="auto">{name}</h1>
          <div className="conversation-sub">
            {group?.kind === 'group' && <span>{say('group.member', { count: group.size })}</span>}
            {peer !== undefined && <PresenceText user={peer} />}
            {!unknown && <TrustMark trust={snapshot.trust} conversation={conversation} />}
          </div>
        </div>
        {!unknown && <button ref={searchButton} type="button" className="action" aria-label={say('find.open')} title={say('find.open')} aria-pressed={isSearching} onClick={() => setIsSearching(!isSearching)}><Icon name="search" /></button>}
        {peer !== undefined && <button type="button" className="action" aria-label={say('person.details')} title={say('person.details')} onClick={() => setIsDetailed(true)}><Icon name="people" /></button>}
        {group?.kind === 'group' && !gone && <button type="button" className="action" aria-label={say('group.details')} title={say('group.details')} onClick={() => setIsDetailed(true)}><Icon name="people" /></button>}
      </header>
      {isSearching && <SearchBar conversation={conversation} snapshot={snapshot} onShow={commands.show} onDate={(day) => void showDay(day)} onClose={endSearch} />}
      {entries.length === 0 || !place.isThere ? (
        <div className="empty">
          {unknown ? <Nowhere /> : snapshot.loading || snapshot.refreshing || !place.isThere ? <p>{say('list.loading')}</p> : <><h2>{say('list.empty')}</h2><p>{say('list.emptyHint')}</p></>}
        </div>
      ) : (
        <MessageList conversation={conversation} snapshot={snapshot} arrivals={arrivals} commands={commands} me={self} place={place.id} handle={list} />
      )}
      <p className="unseen" aria-live="polite">
        {arrivals.last !== undefined && say('list.arrived', { name: personName(people, arrivals.last.from), text: arrivals.last.text?.slice(0, 200) ?? '' })}
      </p>
      {gone || unknown ? (
        <p className="composer-note">{gone && say('composer.gone')}</p>
      ) : mayWrite ? (
        <Composer me={me.name} group={conversation.id} name={name} members={references} intent={intent} onCancel={() => setIntent(undefined)} onSend={send} onUp={editLast} self={self} />
      ) : (
        <p className="composer-note">{say('composer.readOnly')}</p>
      )}
      {isDetailed && peer !== undefined && <PersonDialog user={peer} onClose={() => setIsDetailed(false)} />}
      {isDetailed && group?.kind === 'group' && <GroupDialog id={conversation.id} me={self} onClose={() => setIsDetailed(false)} />}
    </section>
  );
}

/** An address that leads to no group, or to one of others: the server does not say which. */
function Nowhere() {
  const say = useTexts();
  return (
    <>
      <p>{say('problem.unknown-group')}</p>
      <Link className="button" to={{ page: 'home' }}>{say('nav.back')}</Link>
    </>
  );
}

type Rights = Pick<MessageCommands, 'mayWrite' | 'mayModerate' | 'mayReact'>;

interface Elsewhere {
  readonly setIntent: (intent: Intent) => void;
  readonly show: (id: MessageId) => void;
}

// The same object until a right changes, so that rows are not rendered for nothing.
function useCommands(conversation: Conversation, rights: Rights, elsewhere: Elsewhere): MessageCommands {
  const client = useClient();
  const latest = useRef(elsewhere);
  useEffect(() => {
    latest.current = elsewhere;
  });
  const { mayWrite, mayModerate, mayReact } = rights;
  return useMemo(() => {
    const itemOf = (message: Message) => client.outbox.snapshot.get().items.find((item) => item.id === message.id && item.group === message.group);
    const found = (id: MessageId) => {
      const { entries } = conversation.get();
      const entry = entries.at(entries.indexOf(id));
      return entry?.type === 'message' ? entry.message : undefined;
    };
    return {
      mayWrite, mayModerate, mayReact,
      reply: (message) => latest.current.setIntent({ kind: 'reply', message }),
      edit: (message) => latest.current.setIntent({ kind: 'edit', message }),
      remove: (message) => void conversation.delete(message.id),
      react: (message, emoji) => void conversation.react(message.id, emoji, message.reactions.some((reaction) => reaction.emoji === emoji && reaction.me)),
      show: (id) => latest.current.show(id),
      find: found,
      retry: (message) => {
        const item = itemOf(message);
        if (item !== undefined) void client.outbox.retry(item.key);
      },
      discard: (message) => {
        const item = itemOf(message);
        if (item !== undefined) void client.outbox.discard(item.key);
      },
    };
  }, [client, conversation, mayWrite, mayModerate, mayReact]);
}

function PresenceText({ user }: { readonly user: UserReference }) {
  const say = useTexts();
  const language = useLanguage();
  const shown = usePresence(user);
  if (shown?.status === undefined) return null;
  const seen = shown.status === 'offline' && shown.lastSeen !== undefined ? say('presence.seen', { time: shortTime(shown.lastSeen, Date.now(), language) }) : say(`presence.${shown.status}`);
  return <span dir="auto">{shown.statusText ? `${seen} · ${shown.statusText}` : seen}</span>;
}

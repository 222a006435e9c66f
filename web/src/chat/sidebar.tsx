import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { GroupId, GroupList, Me, UserReference } from '@tidings/client';
import { Avatar } from '../base/avatar';
import { useClient } from '../base/client';
import { Icon } from '../base/icon';
import { groupName } from '../base/names';
import { useReadable } from '../base/use_readable';
import { folded } from '../conversation/find_in';
import { NewDialog } from '../group/new_dialog';
import { useTexts } from '../i18n/texts';
import { SettingsDialog } from '../settings/settings_dialog';
import { GroupRow } from './group_row';
import { useProfiles } from './use_profiles';

interface SidebarProps {
  readonly me: Me;
  readonly list: GroupList;
  readonly chosen: GroupId | undefined;
}

const WATCHED = 100;

export function Sidebar({ me, list, chosen }: SidebarProps) {
  const say = useTexts();
  const client = useClient();
  const people = useReadable(client.people.snapshot);
  const [filter, setFilter] = useState('');
  const [dialog, setDialog] = useState<'new' | 'settings'>();
  const search = useRef<HTMLInputElement>(null);
  const self: UserReference = `@${me.name}`;
  const wanted = folded(filter.trim());
  const shown = list.groups.filter((group) => folded(groupName(group, people, self, say)).includes(wanted));

  useProfiles(shown);
  const peers = list.groups.flatMap((group) => (group.peer !== undefined && group.peer !== self ? [group.peer] : [])).slice(0, WATCHED).sort().join(' ');
  useEffect(() => (peers === '' ? undefined : client.people.watch(peers.split(' ') as UserReference[])), [client, peers]);

  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      search.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);

  // Arrow keys go through the list as they do through any list.
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('a.group')];
    const next = rows[rows.indexOf(document.activeElement as HTMLElement) + step];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };

  return (
    <nav className="sidebar" aria-label={say('nav.groups')}>
      <header className="sidebar-head">
        <button type="button" className="own" aria-label={say('nav.settings')} title={say('nav.settings')} onClick={() => setDialog('settings')}>
          <Avatar name={me.displayName} seed={self} />
          <bdi>{me.displayName}</bdi>
          <Icon name="gear" />
        </button>
        <button type="button" className="action" aria-label={say('nav.new')} title={say('nav.new')} onClick={() => setDialog('new')}><Icon name="pen" /></button>
      </header>
      <div className="sidebar-search">
        <Icon name="search" />
        <input ref={search} type="search" value={filter} aria-label={say('nav.filter')} placeholder={say('nav.filter')} onChange={(event) => setFilter(event.target.value)} onKeyDown={(event) => { if (event.key === 'ArrowDown') event.currentTarget.closest('nav')?.querySelector<HTMLElement>('a.group')?.focus(); }} />
      </div>
      {shown.length > 0 ? (
        <ul className="groups" onKeyDown={onKeyDown}>
          {shown.map((group) => <li key={group.id}><GroupRow group={group} name={groupName(group, people, self, say)} isChosen={group.id === chosen} /></li>)}
        </ul>
      ) : (
        <div className="empty empty-small">
          {list.groups.length > 0 ? <p>{say('nav.noMatch')}</p> : <><h2>{list.complete ? say('nav.nothing') : say('starting')}</h2>{list.complete && <p>{say('nav.nothingHint')}</p>}</>}
        </div>
      )}
      {dialog === 'new' && <NewDialog onClose={() => setDialog(undefined)} />}
      {dialog === 'settings' && <SettingsDialog me={me} onClose={() => setDialog(undefined)} />}
    </nav>
  );
}

import { useEffect } from 'react';
import type { Me, UserReference } from '@tidings/client';
import { letGoOfFirst } from '../begin';
import { useClient } from '../base/client';
import { useRoute, navigate } from '../base/route';
import { useReadable } from '../base/use_readable';
import { ConversationView } from '../conversation/conversation_view';
import { JoinDialog } from '../group/join_dialog';
import { useTexts } from '../i18n/texts';
import { useAlerts } from '../notify/use_alerts';
import { useTitle } from '../notify/use_title';
import { Banner } from './banner';
import { Sidebar } from './sidebar';
import '../styles/chat.css';

export default function ChatPage({ me }: { readonly me: Me }) {
  const say = useTexts();
  const client = useClient();
  const route = useRoute();
  const list = useReadable(client.groups.list);
  const { connection } = client;
  const self: UserReference = `@${me.name}`;
  const group = route.page === 'group' ? route.group : undefined;
  useTitle(list);
  useAlerts(self);

  // By now it is open in its view, or it is not what was asked for.
  useEffect(letGoOfFirst, []);

  // On a wide screen something is open from the beginning: a first look should not be at an empty page.
  const first = list.groups[0]?.id;
  useEffect(() => {
    if (route.page === 'home' && first !== undefined && matchMedia('(min-width: 48rem)').matches) navigate({ page: 'group', group: first }, 'replace');
  }, [route.page, first]);

  return (
    <div className={group === undefined ? 'chat' : 'chat chat-open'} data-connection={useReadable(connection).state}>
      <Sidebar me={me} list={list} chosen={group} />
      <main className="main">
        <Banner />
        {group === undefined ? <div className="empty"><h2>{say('nav.choose')}</h2><p>{say('nav.chooseHint')}</p></div> : <ConversationView key={group} id={group} me={me} />}
      </main>
      {route.page === 'join' && <JoinDialog id={route.group} onClose={() => navigate({ page: 'home' }, 'replace')} />}
    </div>
  );
}

import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { SessionState } from '@tidings/client';
import { loadChat, loadedChat, type ChatPage } from './begin';
import { Boundary, NotLoaded } from './base/boundary';
import { useClient } from './base/client';
import { navigate, useRoute } from './base/route';
import { useReadable } from './base/use_readable';
import { useTexts } from './i18n/texts';
import { SignInPage } from './sign_in/sign_in_page';

// Few people ever open it.
const OpsPage = lazy(() => import('./ops/ops_page'));

/** What is on screen follows from who is signed in. */
export function App() {
  const session = useReadable(useClient().session);
  const route = useRoute();
  const { Chat, hasFailed } = useChat(session.state);
  useHomeAfter(session);
  if (session.state === 'signed-out') return <SignInPage session={session} />;
  if (session.state === 'starting') return <Opening />;
  if (route.page === 'ops') return <Boundary instead={<NoPage />}><Suspense fallback={<Opening />}><OpsPage me={session.me} part={route.part} /></Suspense></Boundary>;
  if (Chat !== undefined) return <Chat me={session.me} />;
  return hasFailed ? <NoPage /> : <Opening />;
}

/** The chat, once it is there; asked for again when `need` changes. Suspense would hold it back for 300 ms after its fallback. */
function useChat(need: string): { readonly Chat: ChatPage | undefined; readonly hasFailed: boolean } {
  const [chat, setChat] = useState(loadedChat);
  const [hasFailed, setHasFailed] = useState(false);
  useEffect(() => {
    setHasFailed(false);
    loadChat().then(setChat, () => setHasFailed(true));
  }, [need]);
  return { Chat: chat?.default, hasFailed };
}

/** Whoever signs in next begins at the beginning, not where the one before was. */
function useHomeAfter(session: SessionState): void {
  const wasIn = useRef(false);
  useEffect(() => {
    if (wasIn.current && session.state === 'signed-out' && session.reason === 'by-user') navigate({ page: 'home' }, 'replace');
    wasIn.current = session.state === 'signed-in';
  }, [session]);
}

function Opening() {
  return <main className="opening"><p>{useTexts()('starting')}</p></main>;
}

function NoPage() {
  return <main className="opening"><NotLoaded /></main>;
}

import { lazy, Suspense } from 'react';
import { useClient } from './base/client';
import { useRoute } from './base/route';
import { useReadable } from './base/use_readable';
import { useTexts } from './i18n/texts';
import { SignInPage } from './sign_in/sign_in_page';

// Fetched while somebody signs in, so that the first page stays small and the second one waits for nothing.
const loadChat = () => import('./chat/chat_page');
const ChatPage = lazy(loadChat);
void loadChat().catch(() => {
  // Without a network: it is tried again when it is needed.
});

// Few people ever open it.
const OpsPage = lazy(() => import('./ops/ops_page'));

/** What is on screen follows from who is signed in. */
export function App() {
  const session = useReadable(useClient().session);
  const route = useRoute();
  if (session.state === 'signed-out') return <SignInPage session={session} />;
  if (session.state === 'starting') return <Opening />;
  return (
    <Suspense fallback={<Opening />}>
      {route.page === 'ops' ? <OpsPage me={session.me} part={route.part} /> : <ChatPage me={session.me} />}
    </Suspense>
  );
}

function Opening() {
  return <main className="opening"><p>{useTexts()('starting')}</p></main>;
}

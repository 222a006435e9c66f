// First of all: see there.
import { client } from './begin';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { Boundary, Broken } from './base/boundary';
import { ClientContext } from './base/client';
import { startHistory } from './base/in_front';
import { applyTheme, chosenTheme } from './base/theme';
import { startTexts } from './i18n/texts';
import { registerServiceWorker } from './service_worker/register';
import './styles/base.css';

const BLINK_MS = 200;

applyTheme(chosenTheme());
startHistory();
await startTexts();
// Soon enough that nothing needs to be shown before.
await Promise.race([Promise.allSettled([client.ready]), new Promise((resolve) => setTimeout(resolve, BLINK_MS))]);

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root');
createRoot(root).render(
  <StrictMode>
    <Boundary instead={<Broken />}>
      <ClientContext value={client}>
        <App />
      </ClientContext>
    </Boundary>
  </StrictMode>,
);
registerServiceWorker();

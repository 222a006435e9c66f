import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createClient } from '@tidings/client';
import { App } from './app';
import { ClientContext } from './base/client';
import { applyTheme, chosenTheme } from './base/theme';
import { startTexts } from './i18n/texts';
import { registerServiceWorker } from './service_worker/register';
import { deviceName } from './sign_in/device_name';
import './styles/base.css';

applyTheme(chosenTheme());
const client = createClient({ url: location.origin, device: deviceName(navigator.userAgent) });
await startTexts();

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root');
createRoot(root).render(
  <StrictMode>
    <ClientContext value={client}>
      <App />
    </ClientContext>
  </StrictMode>,
);
registerServiceWorker();

import { useClient } from '../base/client';
import { Icon } from '../base/icon';
import { useReadable } from '../base/use_readable';
import { useTexts, type Say } from '../i18n/texts';
import type { ConnectionState, StorageState } from '@tidings/client';
import { useLeaveWarning } from './use_leave_warning';

const CLOCK_WRONG_MS = 60_000;

/** The one thing about the connection that is most worth knowing; nothing while all is well. */
export function Banner() {
  const say = useTexts();
  const client = useClient();
  const connection = useReadable(client.connection);
  const storage = useReadable(client.storage);
  const waiting = useReadable(client.outbox.snapshot).items.filter((item) => item.state !== 'refused').length;
  useLeaveWarning(!storage.durable && waiting > 0);
  const text = bannerText(connection, storage, waiting, say);
  return (
    <div role="status" className={text === undefined ? 'banner banner-none' : `banner banner-${connection.state}`}>
      {text !== undefined && <><Icon name="alert" /><span>{text}</span></>}
      {connection.state === 'offline' && <button type="button" className="button button-small" onClick={() => client.wake()}>{say('banner.tryNow')}</button>}
    </div>
  );
}

function bannerText(connection: ConnectionState, storage: StorageState, waiting: number, say: Say): string | undefined {
  if (connection.state === 'offline') return offlineText(connection, waiting, say);
  if (connection.throttledUntil !== undefined && connection.throttledUntil > Date.now() && waiting > 0) return say('banner.throttled');
  if (!storage.durable && storage.reason !== undefined) return say(storage.reason === 'quota-exceeded' ? 'banner.full' : 'banner.notDurable');
  if (Math.abs(connection.clockCorrectionMs) > CLOCK_WRONG_MS) return say('banner.clock');
  return undefined;
}

// A server that answers wrongly is another thing than no network: looking for the network would not help.
function offlineText({ problem }: ConnectionState, waiting: number, say: Say): string {
  if (problem !== undefined && problem.status >= 500) return say('banner.busy');
  if (problem?.code === 'nonsense') return say('banner.nonsense');
  return waiting > 0 ? say('banner.offlineWaiting', { count: waiting }) : say('banner.offline');
}

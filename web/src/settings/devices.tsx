import { useCallback, useEffect, useState } from 'react';
import type { DeviceSession } from '@tidings/client';
import { useClient } from '../base/client';
import { useAction } from '../base/use_action';
import { useLanguage, useTexts } from '../i18n/texts';
import { shortTime } from '../i18n/times';
import { deviceName } from '../sign_in/device_name';

/** Where one is signed in; any of them can be signed out from here. */
export function Devices() {
  const say = useTexts();
  const language = useLanguage();
  const client = useClient();
  const action = useAction();
  const { run } = action;
  const [sessions, setSessions] = useState<readonly DeviceSession[]>([]);
  const read = useCallback(async () => setSessions(await client.sessions()), [client]);
  useEffect(() => {
    void run(read);
    // Once: `run` changes with what it does.
  }, [read]);
  const end = (id: string) => void run(async () => {
    await client.endSession(id);
    await read();
  });
  return (
    <section className="part">
      <h2>{say('settings.devices')}</h2>
      <p className="error" role="alert">{action.error}</p>
      <ul className="members">
        {sessions.map((session) => {
          // A sign-up tells the server no name of the device, only a sign-in does.
          const name = session.device || (session.current ? deviceName(navigator.userAgent) : say('settings.device'));
          return (
            <li key={session.id} className="member">
              <span className="member-name"><bdi>{name}</bdi><span className="hint">{session.current ? say('settings.current') : say('settings.seen', { time: shortTime(session.lastSeen, Date.now(), language) })}</span></span>
              {!session.current && <button type="button" className="button button-small" aria-label={say('settings.endName', { name })} onClick={() => end(session.id)}>{say('settings.end')}</button>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

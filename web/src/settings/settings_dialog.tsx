import { useEffect, useState, type FormEvent } from 'react';
import type { Me, OwnStatus } from '@tidings/client';
import { useClient } from '../base/client';
import { Dialog } from '../base/dialog';
import { Field } from '../base/field';
import { Link } from '../base/link';
import { forgetPreferences, usePreference, writePreference } from '../base/preference';
import { Question, Sure } from '../base/sure';
import { chooseTheme, chosenTheme, THEMES, type Theme } from '../base/theme';
import { useAction } from '../base/use_action';
import { useReadable } from '../base/use_readable';
import { LanguageChoice } from '../i18n/language_choice';
import { useTexts } from '../i18n/texts';
import { NOTIFICATIONS, SOUND } from '../notify/use_alerts';
import { Devices } from './devices';
import { Password } from './password';

interface SettingsDialogProps {
  readonly me: Me;
  readonly onClose: () => void;
}

export function SettingsDialog({ me, onClose }: SettingsDialogProps) {
  const say = useTexts();
  const client = useClient();
  // An operator may have been made, or a name changed on another device, since this one has heard.
  useEffect(() => {
    client.readMe().catch(() => {
      // Then what was known is shown.
    });
  }, [client]);
  return (
    <Dialog title={say('settings.title')} onClose={onClose}>
      <Profile me={me} />
      <Look />
      <Alerts />
      <Devices />
      <Password name={me.name} />
      {me.admin && <section className="part"><Link to={{ page: 'ops', part: 'figures' }}>{say('ops.open')}</Link></section>}
      <SignOut name={me.name} />
      <EndAccount name={me.name} />
    </Dialog>
  );
}

/** Leaves this device. What the server has not got would be lost with it, so that is asked about first. */
function SignOut({ name }: { readonly name: string }) {
  const say = useTexts();
  const client = useClient();
  const action = useAction();
  const unsent = useReadable(client.outbox.snapshot).items.length;
  const [isAsking, setIsAsking] = useState(false);
  const signOut = () => void action.run(async () => {
    await client.signOut();
    forgetPreferences(`draft.${name}.`);
  });
  const stay = () => {
    client.wake();
    setIsAsking(false);
  };
  return (
    <div className="dialog-end">
      {isAsking && unsent > 0 ? (
        <Question question={say('settings.signOutSure', { count: unsent })} yes={say('settings.signOutLose')} no={say('settings.signOutStay')} isBusy={action.busy} onYes={signOut} onNo={stay} />
      ) : (
        <button type="button" className="button button-bad" disabled={action.busy} onClick={() => (unsent > 0 ? setIsAsking(true) : signOut())}>{say('settings.signOut')}</button>
      )}
      <p className="hint">{say('settings.signOutHint')}</p>
    </div>
  );
}

function EndAccount({ name }: { readonly name: string }) {
  const say = useTexts();
  const client = useClient();
  const action = useAction();
  const end = () => void action.run(async () => {
    await client.endAccount();
    forgetPreferences(`draft.${name}.`);
  });
  return (
    <div className="dialog-end">
      <p className="error" role="alert">{action.error}</p>
      <Sure label={say('settings.endAccount')} question={say('settings.endAccountSure')} yes={say('settings.endAccountDo')} isBusy={action.busy} onSure={end} />
    </div>
  );
}

const STATUSES: readonly OwnStatus[] = ['auto', 'online', 'away', 'busy', 'invisible'];

function Profile({ me }: { readonly me: Me }) {
  const say = useTexts();
  const client = useClient();
  const action = useAction();
  // What nobody has touched follows what the server says, and is not written back.
  const [edited, setEdited] = useState<Partial<Pick<Me, 'displayName' | 'status' | 'statusText'>>>({});
  const { displayName, status, statusText } = { ...me, ...edited };
  const [isSaved, setIsSaved] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setIsSaved(await action.run(async () => {
      if (displayName !== me.displayName) await client.changeMe({ displayName });
      if (status !== me.status || statusText !== me.statusText) await client.setStatus(status, statusText);
    }));
  };
  return (
    <form className="part" onSubmit={(event) => void submit(event)} onChange={() => setIsSaved(false)}>
      <h2>{say('settings.profile')}</h2>
      <Field label={say('settings.displayName')} dir="auto" maxLength={64} required value={displayName} onChange={(event) => setEdited({ ...edited, displayName: event.target.value })} />
      <label className="field field-inline">{say('settings.status')}
        <select value={status} onChange={(event) => setEdited({ ...edited, status: event.target.value as OwnStatus })}>
          {STATUSES.map((value) => <option key={value} value={value}>{say(`settings.statuses.${value}`)}</option>)}
        </select>
      </label>
      <Field label={say('settings.statusText')} dir="auto" maxLength={100} value={statusText} onChange={(event) => setEdited({ ...edited, statusText: event.target.value })} />
      <p className="error" role="alert">{action.error}</p>
      <button className="button" disabled={action.busy}>{say(isSaved ? 'settings.saved' : 'settings.save')}</button>
    </form>
  );
}

function Look() {
  const say = useTexts();
  const [theme, setTheme] = useState<Theme>(chosenTheme);
  const choose = (next: Theme) => {
    setTheme(next);
    chooseTheme(next);
  };
  return (
    <section className="part">
      <h2>{say('settings.look')}</h2>
      <label className="field field-inline">{say('settings.theme')}
        <select value={theme} onChange={(event) => choose(event.target.value as Theme)}>
          {THEMES.map((value) => <option key={value} value={value}>{say(`settings.themes.${value}`)}</option>)}
        </select>
      </label>
      <LanguageChoice />
    </section>
  );
}

function Alerts() {
  const say = useTexts();
  const sound = usePreference(SOUND) === 'on';
  const [isDenied, setIsDenied] = useState(false);
  const notifications = usePreference(NOTIFICATIONS) === 'on';
  const choose = async (wanted: boolean) => {
    const isAllowed = wanted && (await Notification.requestPermission()) === 'granted';
    setIsDenied(wanted && !isAllowed);
    writePreference(NOTIFICATIONS, isAllowed ? 'on' : undefined);
  };
  return (
    <section className="part">
      <h2>{say('settings.alerts')}</h2>
      <label className="check"><input type="checkbox" checked={sound} onChange={(event) => writePreference(SOUND, event.target.checked ? 'on' : undefined)} />{say('settings.sound')}</label>
      {'Notification' in window && <label className="check"><input type="checkbox" checked={notifications} onChange={(event) => void choose(event.target.checked)} />{say('settings.notifications')}</label>}
      <p className="error" role="alert">{isDenied && say('settings.notificationsDenied')}</p>
    </section>
  );
}

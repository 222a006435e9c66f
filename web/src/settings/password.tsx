import { useState, type FormEvent } from 'react';
import { useClient } from '../base/client';
import { Field } from '../base/field';
import { useAction } from '../base/use_action';
import { useTexts } from '../i18n/texts';

export function Password({ name }: { readonly name: string }) {
  const say = useTexts();
  const client = useClient();
  const action = useAction();
  const [before, setBefore] = useState('');
  const [after, setAfter] = useState('');
  const [isSaved, setIsSaved] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = await action.run(() => client.changePassword(before, after));
    setIsSaved(done);
    if (!done) return;
    setBefore('');
    setAfter('');
  };
  return (
    <form className="part" onSubmit={(event) => void submit(event)}>
      <h2>{say('settings.password')}</h2>
      <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
      <Field label={say('settings.oldPassword')} type="password" autoComplete="current-password" required dir="ltr" value={before} onChange={(event) => setBefore(event.target.value)} />
      <Field label={say('settings.newPassword')} type="password" autoComplete="new-password" required minLength={8} dir="ltr" value={after} onChange={(event) => setAfter(event.target.value)} />
      <p className="error" role="alert">{action.error}</p>
      <button className="button" disabled={action.busy}>{say(isSaved ? 'settings.saved' : 'settings.changePassword')}</button>
    </form>
  );
}

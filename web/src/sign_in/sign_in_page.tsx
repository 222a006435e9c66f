import { useState, type FormEvent } from 'react';
import type { SessionState } from '@tidings/client';
import { useClient } from '../base/client';
import { Field } from '../base/field';
import { useAction } from '../base/use_action';
import { LanguageChoice } from '../i18n/language_choice';
import { useTexts } from '../i18n/texts';

interface SignInPageProps {
  readonly session: Extract<SessionState, { state: 'signed-out' }>;
}

/** One form for both: a new account needs no more than a name and a password. */
export function SignInPage({ session }: SignInPageProps) {
  const say = useTexts();
  const client = useClient();
  const [isNew, setIsNew] = useState(session.lastName === undefined);
  const [name, setName] = useState(session.lastName ?? '');
  const [password, setPassword] = useState('');
  const action = useAction();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const spelled = name.trim().toLowerCase();
    void action.run(() => (isNew ? client.signUp(spelled, password) : client.signIn(spelled, password)));
  };

  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <img src="/icon.svg" alt="" width="52" height="52" />
        <h1>{say(isNew ? 'signIn.title' : 'signIn.again')}</h1>
        <p className="lead">{say(session.reason === 'ended-by-server' ? 'signIn.ended' : 'signIn.lead')}</p>
        <form onSubmit={submit}>
          <Field
            label={say('signIn.name')} name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} required autoFocus
            minLength={2} maxLength={32} dir="ltr" value={name} onChange={(event) => setName(event.target.value)}
            {...(isNew ? { hint: say('signIn.nameHint') } : {})}
          />
          <Field
            label={say('signIn.password')} name="password" type="password" required minLength={8} dir="ltr"
            autoComplete={isNew ? 'new-password' : 'current-password'} value={password} onChange={(event) => setPassword(event.target.value)}
            {...(isNew ? { hint: say('signIn.passwordHint') } : {})}
          />
          <p className="error" role="alert">{action.error}</p>
          <button className="button button-main" disabled={action.busy}>{say(isNew ? 'signIn.signUp' : 'signIn.signIn')}</button>
        </form>
        <button type="button" className="button button-plain" onClick={() => setIsNew(!isNew)}>
          {say(isNew ? 'signIn.toSignIn' : 'signIn.toSignUp')}
        </button>
        <LanguageChoice />
      </div>
    </main>
  );
}

import { useState, type FormEvent } from 'react';
import { ProblemError, type NewKey } from '@tidings/client';
import { useClient } from '../base/client';
import { Dialog } from '../base/dialog';
import { Field } from '../base/field';
import { useAction } from '../base/use_action';
import { useTexts } from '../i18n/texts';

interface NewKeyDialogProps {
  /** The list has changed, or may have. */
  readonly onMade: () => void;
  readonly onClose: () => void;
}

/** Makes a key and shows its secret: once, because nobody has it afterwards. */
export function NewKeyDialog({ onMade, onClose }: NewKeyDialogProps) {
  const [made, setMade] = useState<NewKey>();
  const keep = (key: NewKey) => {
    setMade(key);
    onMade();
  };
  return made === undefined ? <KeyForm onMade={keep} onUnknown={onMade} onClose={onClose} /> : <Secret made={made} onClose={onClose} />;
}

interface KeyFormProps {
  readonly onMade: (key: NewKey) => void;
  readonly onUnknown: () => void;
  readonly onClose: () => void;
}

function KeyForm({ onMade, onUnknown, onClose }: KeyFormProps) {
  const say = useTexts();
  const { operation } = useClient();
  const action = useAction();
  const [name, setName] = useState('');
  const [mayImport, setMayImport] = useState(false);
  const [sends, setSends] = useState('');
  const [seconds, setSeconds] = useState('');
  const [isUnknown, setIsUnknown] = useState(false);
  const make = async () => {
    setIsUnknown(false);
    const rate = sends !== '' && seconds !== '' ? { count: Number(sends), seconds: Number(seconds) } : undefined;
    try {
      onMade(await operation.createKey({ name: name.trim().toLowerCase().replace(/^@/, ''), import: mayImport, ...(rate && { rate }) }));
    } catch (error) {
      // It may have been made all the same, and then nobody has its secret.
      if (error instanceof ProblemError && (error.problem.status === 0 || error.problem.status >= 500)) {
        setIsUnknown(true);
        onUnknown();
      }
      throw error;
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void action.run(make);
  };
  return (
    <Dialog title={say('ops.newKey')} onClose={onClose}>
      <form className="part" onSubmit={submit}>
        <Field
          label={say('ops.service')} hint={say('ops.serviceHint')} required data-autofocus="true" minLength={2} maxLength={33} dir="ltr" autoCapitalize="none" spellCheck={false} autoComplete="off"
          value={name} onChange={(event) => setName(event.target.value)}
        />
        <fieldset className="rate">
          <legend>{say('ops.rateLimit')}</legend>
          <Field label={say('ops.rateSends')} type="number" inputMode="numeric" min={1} max={1_000_000} required={seconds !== ''} value={sends} onChange={(event) => setSends(event.target.value)} />
          <Field label={say('ops.rateSeconds')} type="number" inputMode="numeric" min={1} max={3_600} required={sends !== ''} value={seconds} onChange={(event) => setSeconds(event.target.value)} />
          <p className="hint">{say('ops.rateHint')}</p>
        </fieldset>
        <label className="check"><input type="checkbox" checked={mayImport} onChange={(event) => setMayImport(event.target.checked)} />{say('ops.import')}</label>
        <p className="error" role="alert">{action.error}{isUnknown && ` ${say('ops.keyUnknown')}`}</p>
        <button className="button button-main" disabled={action.busy}>{say('ops.make')}</button>
      </form>
    </Dialog>
  );
}

function Secret({ made, onClose }: { readonly made: NewKey; readonly onClose: () => void }) {
  const say = useTexts();
  const [copied, setCopied] = useState<'yes' | 'no'>();
  const copy = () => {
    // There is no clipboard on a page without https.
    const copying: Promise<void> = navigator.clipboard?.writeText(made.token) ?? Promise.reject(new Error('no clipboard'));
    copying.then(() => setCopied('yes'), () => setCopied('no'));
  };
  return (
    <Dialog title={say('ops.secretTitle', { name: `@${made.name}` })} onClose={onClose} byButtonOnly>
      <p className="secret-once" role="alert">{say('ops.secretOnce')}</p>
      <div className="invitation">
        <Field label={say('ops.secret')} readOnly data-autofocus="true" dir="ltr" className="secret" value={made.token} onFocus={(event) => event.target.select()} />
        <button type="button" className="button button-main" onClick={copy}>{say(copied === 'yes' ? 'group.copied' : 'ops.copyKey')}</button>
      </div>
      <p className="hint secret-state" role="status">{copied === 'yes' && say('group.copied')}{copied === 'no' && say('ops.copyFailed')}</p>
      <p>{say('ops.secretWhat', { name: `@${made.name}` })}</p>
      <div className="dialog-end"><button type="button" className="button" onClick={onClose}>{say('ops.kept')}</button></div>
    </Dialog>
  );
}

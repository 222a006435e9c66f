import { Dialog } from '../base/dialog';
import { useAction } from '../base/use_action';
import { useTexts } from '../i18n/texts';

interface ConfirmProps {
  readonly question: string;
  /** What follows from it. */
  readonly explanation: string;
  readonly label: string;
  readonly isBad: boolean;
  readonly work: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks before it does something to others. It stays open, with the reason, when that fails. */
export function Confirm({ question, explanation, label, isBad, work, onClose }: ConfirmProps) {
  const say = useTexts();
  const action = useAction();
  const agree = async () => {
    if (await action.run(work)) onClose();
  };
  return (
    <Dialog title={question} onClose={onClose}>
      <p>{explanation}</p>
      <p className="error" role="alert">{action.error}</p>
      <div className="dialog-end">
        <button type="button" className={isBad ? 'button button-bad' : 'button button-main'} disabled={action.busy} onClick={() => void agree()}>{label}</button>
        <button type="button" className="button" onClick={onClose}>{say('composer.cancel')}</button>
      </div>
    </Dialog>
  );
}

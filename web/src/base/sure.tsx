import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useTexts } from '../i18n/texts';

interface QuestionProps {
  readonly question: string;
  /** What the answers say; "Yes" and "Cancel" when left out. */
  readonly yes?: string;
  readonly no?: string;
  readonly isBusy?: boolean;
  readonly onYes: () => void;
  readonly onNo: () => void;
}

/** Asks before something that can't be undone. The focus begins at the answer that changes nothing; Escape gives it. */
export function Question({ question, yes, no, isBusy = false, onYes, onNo }: QuestionProps) {
  const say = useTexts();
  const safe = useRef<HTMLButtonElement>(null);
  useEffect(() => safe.current?.focus(), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onNo();
  };
  return (
    <p className="sure" role="alert" onKeyDown={onKeyDown}>
      {question}
      <button type="button" className="button button-bad" disabled={isBusy} onClick={onYes}>{yes ?? say('group.sure')}</button>
      <button ref={safe} type="button" className="button" onClick={onNo}>{no ?? say('composer.cancel')}</button>
    </p>
  );
}

interface SureProps {
  readonly label: string;
  readonly question: string;
  readonly yes?: string;
  readonly isBusy?: boolean;
  readonly onSure: () => void;
}

/** A button that asks once more; it has the focus again when the answer was no. */
export function Sure({ label, question, yes, isBusy = false, onSure }: SureProps) {
  const [isAsking, setIsAsking] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const wasAsked = useRef(false);
  useEffect(() => {
    if (!isAsking && wasAsked.current) button.current?.focus();
    wasAsked.current = isAsking;
  }, [isAsking]);
  if (isAsking) return <Question question={question} isBusy={isBusy} onYes={onSure} onNo={() => setIsAsking(false)} {...(yes === undefined ? {} : { yes })} />;
  return <button ref={button} type="button" className="button button-bad" disabled={isBusy} onClick={() => setIsAsking(true)}>{label}</button>;
}

import { useState } from 'react';
import { Icon } from '../base/icon';
import { useTexts } from '../i18n/texts';

interface RefusedProps {
  /** What was refused, and why. */
  readonly words: string;
  /** What was written, so that it can be used elsewhere. */
  readonly text: string | undefined;
  readonly mayRetry: boolean;
  readonly onRetry: () => void;
  readonly onDiscard: () => void;
}

/** What the server said no to, at the message that it is about. It stays until somebody decides. */
export function Refused({ words, text, mayRetry, onRetry, onDiscard }: RefusedProps) {
  const say = useTexts();
  const [isCopied, setIsCopied] = useState(false);
  const copy = () => void navigator.clipboard?.writeText(text ?? '').then(() => setIsCopied(true), () => {});
  return (
    <p className="refused" role="alert">
      <Icon name="alert" />
      <span>{words}</span>
      {mayRetry && <button type="button" className="button button-small" onClick={onRetry}>{say('message.retry')}</button>}
      {text !== undefined && <button type="button" className="button button-small" onClick={copy}>{say(isCopied ? 'group.copied' : 'message.copy')}</button>}
      <button type="button" className="button button-small" onClick={onDiscard}>{say('message.discard')}</button>
    </p>
  );
}

import { useCallback, useState } from 'react';
import { useTexts } from '../i18n/texts';
import { errorText } from './problem_text';

export interface Action {
  readonly busy: boolean;
  /** Why the last run failed. */
  readonly error?: string;
  /** Resolves to whether it succeeded. One at a time: a second run while the first is under way does nothing. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>;
}

/** Something that a person starts and that may fail: a form, a button. */
export function useAction(): Action {
  const say = useTexts();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const run = useCallback(
    async (work: () => Promise<unknown>) => {
      if (busy) return false;
      setBusy(true);
      setError(undefined);
      try {
        await work();
        return true;
      } catch (problem) {
        setError(errorText(problem, say));
        return false;
      } finally {
        setBusy(false);
      }
    },
    [busy, say],
  );
  return { busy, run, ...(error === undefined ? {} : { error }) };
}

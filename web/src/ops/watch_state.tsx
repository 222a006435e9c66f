import { ProblemError } from '@tidings/client';
import { errorText } from '../base/problem_text';
import { useLanguage, useTexts } from '../i18n/texts';
import { clockTime } from '../i18n/times';
import { PERIOD_MS } from './use_watch';
import type { Watch } from './watch';

/** Whether what is shown is of now. */
export function WatchState({ watch }: { readonly watch: Watch }) {
  const say = useTexts();
  const language = useLanguage();
  const { readAt, error } = watch;
  const text = () => {
    if (error === undefined) return readAt === undefined ? say('ops.reading') : say('ops.live', { seconds: PERIOD_MS / 1000 });
    const isUnreachable = error instanceof ProblemError && error.code === 'unreachable';
    const reason = isUnreachable ? say('ops.unreachable') : errorText(error, say);
    return readAt === undefined ? say('ops.silent', { reason }) : say('ops.silentSince', { time: clockTime(readAt, language), reason });
  };
  const state = error !== undefined ? 'silent' : readAt === undefined ? 'reading' : 'live';
  return <p role="status" className="watch-state" data-watch={state}>{text()}</p>;
}

import { useEffect } from 'react';
import type { Conversation, GapEntry } from '@tidings/client';
import { problemText } from '../base/problem_text';
import { useTexts } from '../i18n/texts';

interface GapRowProps {
  readonly gap: GapEntry;
  readonly conversation: Conversation;
}

/** Says that something is missing, and fills itself because it is in view. */
export function GapRow({ gap, conversation }: GapRowProps) {
  const say = useTexts();
  const hasFailed = gap.problem !== undefined;
  useEffect(() => {
    if (!gap.loading && !hasFailed) void conversation.fillGap(gap);
  }, [conversation, gap, hasFailed]);
  return (
    <div className="gap">
      <span>{say(hasFailed ? 'list.gap' : 'list.gapLoading')}</span>
      {gap.problem !== undefined && <span className="error">{problemText(gap.problem, say)}</span>}
      {hasFailed && <button type="button" className="button button-small" onClick={() => void conversation.fillGap(gap)}>{say('list.fill')}</button>}
    </div>
  );
}

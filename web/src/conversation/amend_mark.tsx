import type { Message } from '@tidings/client';
import { useClient } from '../base/client';
import { problemText } from '../base/problem_text';
import { useTexts } from '../i18n/texts';
import { Refused } from './refused';

interface AmendMarkProps {
  readonly message: Message;
}

/** Says that an edit, a deletion or a reaction of one's own was refused; nothing else would tell that it is not there. */
export function AmendMark({ message }: AmendMarkProps) {
  const say = useTexts();
  const { outbox } = useClient();
  const { amendProblem: problem } = message;
  if (problem === undefined) return null;
  const { key, kind, code, detail = '' } = problem;
  const text = outbox.snapshot.get().items.find((item) => item.key === key)?.text;
  const reason = problemText({ code, detail, status: 0, title: '' }, say);
  return (
    <Refused
      words={say(`message.refusedChange.${kind}`, { reason })} text={kind === 'edit' ? text : undefined} mayRetry
      onRetry={() => void outbox.retry(key)} onDiscard={() => void outbox.discard(key)}
    />
  );
}

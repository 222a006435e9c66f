import type { Message } from '@tidings/client';
import { Icon } from '../base/icon';
import { problemText } from '../base/problem_text';
import { useTexts } from '../i18n/texts';
import type { MessageCommands } from './message_commands';
import { Refused } from './refused';

interface DeliveryMarkProps {
  readonly message: Message;
  readonly commands: MessageCommands;
}

/** Where one's own message stands: waiting, on its way, stored, or refused with the reason and what to do. */
export function DeliveryMark({ message, commands }: DeliveryMarkProps) {
  const say = useTexts();
  if (!message.mine) return null;
  if (message.delivery === 'refused') {
    const reason = message.problem === undefined ? '' : problemText(message.problem, say);
    return (
      <Refused
        words={`${say('message.refused')}. ${reason}`} text={message.text} mayRetry={commands.mayWrite}
        onRetry={() => commands.retry(message)} onDiscard={() => commands.discard(message)}
      />
    );
  }
  const text = say(message.amending ? 'message.amending' : `message.${message.delivery}`);
  return (
    <span className={`delivery delivery-${message.delivery}`} data-delivery={message.delivery} title={text}>
      <Icon name={message.delivery === 'stored' && !message.amending ? 'check' : 'clock'} />
      <span className={message.delivery === 'waiting' ? '' : 'unseen'}>{text}</span>
    </span>
  );
}

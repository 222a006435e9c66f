import type { Message } from '@tidings/client';
import { Icon } from '../base/icon';
import { problemText } from '../base/problem_text';
import { useTexts } from '../i18n/texts';
import type { MessageCommands } from './message_commands';

interface DeliveryMarkProps {
  readonly message: Message;
  readonly commands: MessageCommands;
}

/** Where one's own message stands: waiting, on its way, stored, or refused with the reason and what to do. */
export function DeliveryMark({ message, commands }: DeliveryMarkProps) {
  const say = useTexts();
  if (!message.mine) return null;
  if (message.delivery === 'refused') {
    return (
      <p className="refused" role="alert">
        <Icon name="alert" />
        <span>{say('message.refused')}. {message.problem !== undefined && problemText(message.problem, say)}</span>
        <button type="button" className="button button-small" onClick={() => commands.retry(message)}>{say('message.retry')}</button>
        <button type="button" className="button button-small" onClick={() => commands.discard(message)}>{say('message.discard')}</button>
      </p>
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

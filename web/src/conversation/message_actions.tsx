import * as Ariakit from '@ariakit/react';
import type { Message } from '@tidings/client';
import { EmojiButton } from '../base/emoji_button';
import { Icon } from '../base/icon';
import { useTexts } from '../i18n/texts';
import type { MessageCommands } from './message_commands';

interface MessageActionsProps {
  readonly message: Message;
  readonly commands: MessageCommands;
  /** To delete it was chosen; it is not done yet. */
  readonly onRemove: () => void;
}

const QUICK = ['👍', '❤️', '😂'];

/** What can be done to a message, beside it while it is pointed at or has the focus. */
export function MessageActions({ message, commands, onRemove }: MessageActionsProps) {
  const say = useTexts();
  const mayEdit = message.mine && message.kind === 'text' && commands.mayWrite;
  const mayDelete = (message.mine && commands.mayWrite) || commands.mayModerate;
  const isStored = message.delivery === 'stored';
  return (
    <div className="actions" role="group" aria-label={say('message.actions')}>
      {commands.mayReact && isStored && QUICK.map((emoji) => (
        <button key={emoji} type="button" className="action emoji" aria-label={`${say('message.react')} ${emoji}`} onClick={() => commands.react(message, emoji)}>{emoji}</button>
      ))}
      {commands.mayReact && isStored && <EmojiButton className="action" label={say('message.react')} onPick={(emoji) => commands.react(message, emoji)} />}
      {commands.mayWrite && <button type="button" className="action" aria-label={say('message.reply')} title={say('message.reply')} onClick={() => commands.reply(message)}><Icon name="reply" /></button>}
      <Ariakit.MenuProvider placement="bottom-end">
        <Ariakit.MenuButton className="action" aria-label={say('message.more')}><Icon name="more" /></Ariakit.MenuButton>
        <Ariakit.Menu className="menu" gutter={4} portal unmountOnHide aria-label={say('message.more')}>
          {message.text !== undefined && <Ariakit.MenuItem className="menu-item" onClick={() => void navigator.clipboard?.writeText(message.text ?? '')}><Icon name="copy" />{say('message.copy')}</Ariakit.MenuItem>}
          {mayEdit && <Ariakit.MenuItem className="menu-item" onClick={() => commands.edit(message)}><Icon name="edit" />{say('message.edit')}</Ariakit.MenuItem>}
          {mayDelete && <Ariakit.MenuItem className="menu-item menu-item-bad" onClick={onRemove}><Icon name="trash" />{say('message.delete')}</Ariakit.MenuItem>}
        </Ariakit.Menu>
      </Ariakit.MenuProvider>
    </div>
  );
}

import { EmojiPicker as Picker } from 'frimousse';
import { useTexts } from '../i18n/texts';

/** The data lies beside the app: no other site is asked. */
const DATA = '/emoji';

export default function EmojiPicker({ onPick }: { readonly onPick: (emoji: string) => void }) {
  const say = useTexts();
  return (
    <Picker.Root className="emoji-picker" emojibaseUrl={DATA} columns={8} onEmojiSelect={({ emoji }) => onPick(emoji)}>
      <Picker.Search className="emoji-search" aria-label={say('composer.emojiSearch')} placeholder={say('composer.emojiSearch')} autoFocus />
      <Picker.Viewport className="emoji-viewport">
        <Picker.Loading className="emoji-note">{say('composer.emojiLoading')}</Picker.Loading>
        <Picker.Empty className="emoji-note">{say('composer.emojiNone')}</Picker.Empty>
        <Picker.List className="emoji-list" />
      </Picker.Viewport>
    </Picker.Root>
  );
}

import { lazy, Suspense } from 'react';
import * as Ariakit from '@ariakit/react';
import { useTexts } from '../i18n/texts';
import { Boundary, NotLoaded } from './boundary';
import { Icon } from './icon';

const EmojiPicker = lazy(() => import('./emoji_picker'));

interface EmojiButtonProps {
  readonly label: string;
  readonly className: string;
  readonly onPick: (emoji: string) => void;
}

/** A button that opens a choice of emoji. The choice is fetched when somebody first wants it. */
export function EmojiButton({ label, className, onPick }: EmojiButtonProps) {
  const say = useTexts();
  const store = Ariakit.usePopoverStore({ placement: 'top-end' });
  const pick = (emoji: string) => {
    store.hide();
    onPick(emoji);
  };
  return (
    <>
      <Ariakit.PopoverDisclosure store={store} className={className} aria-label={label} title={label}><Icon name="smile" /></Ariakit.PopoverDisclosure>
      <Ariakit.Popover store={store} className="popover emoji-popover" gutter={6} portal unmountOnHide aria-label={label}>
        <Boundary instead={<NotLoaded />}>
          <Suspense fallback={<p className="emoji-note">{say('composer.emojiLoading')}</p>}>
            <EmojiPicker onPick={pick} />
          </Suspense>
        </Boundary>
      </Ariakit.Popover>
    </>
  );
}

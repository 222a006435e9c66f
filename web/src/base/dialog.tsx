import type { ReactNode } from 'react';
import * as Ariakit from '@ariakit/react';
import { useTexts } from '../i18n/texts';
import { Icon } from './icon';
import { useInFront } from './in_front';
import '../styles/dialog.css';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** What it shows can't be had again: a slip of the hand must not close it. */
  readonly byButtonOnly?: boolean;
  /** It is there because of the address, which Back leaves. */
  readonly hasAddress?: boolean;
}

/** Something in front of the page. Escape, Back and a click beside it close it; the focus returns to where it was. */
export function Dialog({ title, onClose, children, byButtonOnly = false, hasAddress = false }: DialogProps) {
  const say = useTexts();
  useInFront(onClose, { isFirm: byButtonOnly, hasAddress });
  return (
    <Ariakit.Dialog open onClose={onClose} hideOnEscape={!byButtonOnly} hideOnInteractOutside={!byButtonOnly} className="dialog" backdrop={<div className="backdrop" />} portal>
      <header className="dialog-head">
        <Ariakit.DialogHeading className="dialog-title">{title}</Ariakit.DialogHeading>
        <Ariakit.DialogDismiss className="action" aria-label={say('settings.close')}><Icon name="close" /></Ariakit.DialogDismiss>
      </header>
      <div className="dialog-body">{children}</div>
    </Ariakit.Dialog>
  );
}

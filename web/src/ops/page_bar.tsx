import { useState, type FormEvent, type ReactNode } from 'react';
import { Field } from '../base/field';
import { Icon } from '../base/icon';
import { useTexts } from '../i18n/texts';
import { beginningIn, nameBefore } from './name_before';
import type { Pages } from './use_pages';

interface PageBarProps<Item> {
  readonly pages: Pages<Item>;
  readonly children?: ReactNode;
}

/** Jumps to a name in a list that is sorted by names. */
export function JumpBar<Item>({ pages, children }: PageBarProps<Item>) {
  const say = useTexts();
  const [text, setText] = useState('');
  const [isWrong, setIsWrong] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const beginning = beginningIn(text);
    setIsWrong(text.trim() !== '' && beginning === undefined);
    if (text.trim() === '') pages.jump(undefined);
    else if (beginning !== undefined) pages.jump(nameBefore(beginning));
  };
  return (
    <form className="jump" role="search" onSubmit={submit}>
      <Field label={say('ops.jump')} hint={say('ops.jumpHint')} type="search" dir="ltr" autoCapitalize="none" spellCheck={false} autoComplete="off" maxLength={33} value={text} onChange={(event) => setText(event.target.value)} />
      <button className="button">{say('ops.jumpDo')}</button>
      {children}
      <p className="error" role="alert">{isWrong && say('ops.jumpWrong')}</p>
    </form>
  );
}

/** From page to page, and from which name to which the one that is shown goes. */
export function PageBar<Item extends { readonly name: string }>({ pages }: PageBarProps<Item>) {
  const say = useTexts();
  const [first, last] = [pages.page?.items[0]?.name, pages.page?.items.at(-1)?.name];
  return (
    <nav className="page-bar" aria-label={say('ops.pages')}>
      <button type="button" className="button" aria-label={say('ops.previous')} title={say('ops.previous')} disabled={pages.toPrevious === undefined} onClick={pages.toPrevious}><Icon name="back" /></button>
      <p role="status" className="hint">{first !== undefined && last !== undefined && <bdi>{say('ops.range', { first, last })}</bdi>}</p>
      <button type="button" className="button button-forth" aria-label={say('ops.next')} title={say('ops.next')} disabled={pages.toNext === undefined} onClick={pages.toNext}><Icon name="back" /></button>
    </nav>
  );
}

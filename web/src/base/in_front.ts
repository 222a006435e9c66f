import { useEffect, useRef } from 'react';

/*
 * Each dialog has an entry of its own in the history, so that Back closes it and not the page behind it. The entry says
 * how many dialogs are open on it; what is open and what the entry says are brought together whenever one of them changes.
 */
interface InFront {
  readonly close: () => void;
  /** It shows what can't be had again: Back does not close it either. */
  readonly isFirm: boolean;
}

const open: InFront[] = [];
/** The browser was told to go back and has not yet. */
let isGoing = false;
let afterwards: (() => void) | undefined;

/** What the present entry of the history carries, besides its address. */
export interface EntryState {
  readonly dialogs?: number;
  /** The message at the top of the screen. */
  readonly place?: string;
}

export const entryState = (): EntryState => (history.state as EntryState | null) ?? {};
const dialogsOfEntry = () => entryState().dialogs ?? 0;

function goBack(count: number): void {
  isGoing = true;
  history.go(-count);
}

function settle(): void {
  if (isGoing) return;
  const surplus = dialogsOfEntry() - open.length;
  if (surplus > 0) goBack(surplus);
  for (let dialogs = dialogsOfEntry() + 1; dialogs <= open.length; dialogs++) history.pushState({ ...entryState(), dialogs }, '');
}

function onPopState(): void {
  isGoing = false;
  while (open.length > dialogsOfEntry() && open.at(-1)?.isFirm === false) open.pop()?.close();
  const then = afterwards;
  afterwards = undefined;
  then?.();
  settle();
}

/** Before anything is shown. A reload closes all dialogs; their entries go with them. */
export function startHistory(): void {
  addEventListener('popstate', onPopState);
  // A tab that begins with such an entry has none before it to go back to.
  if (history.length <= dialogsOfEntry()) history.replaceState({ ...entryState(), dialogs: 0 }, '');
  settle();
}

/** Does `work` when the browser is at the entry of the page itself. False: it is there, and nothing was done. */
export function onPageEntry(work: () => void): boolean {
  if (dialogsOfEntry() === 0 && !isGoing) return false;
  afterwards = work;
  if (!isGoing) goBack(dialogsOfEntry());
  return true;
}

/** Whether the present entry is one of a dialog that nobody has told the browser to leave. */
export const isDialogEntry = (): boolean => dialogsOfEntry() > 0 && !isGoing;

/** For as long as the component is there, Back calls `close`. Not for what has an address: there Back does it anyway. */
export function useInFront(close: () => void, { isFirm, hasAddress }: { readonly isFirm: boolean; readonly hasAddress: boolean }): void {
  const latest = useRef(close);
  useEffect(() => {
    latest.current = close;
  });
  useEffect(() => {
    if (hasAddress) return;
    const self: InFront = { close: () => latest.current(), isFirm };
    open.push(self);
    queueMicrotask(settle);
    return () => {
      const at = open.indexOf(self);
      if (at >= 0) open.splice(at, 1);
      queueMicrotask(settle);
    };
  }, [isFirm, hasAddress]);
}

import { useCallback, useEffect, useState } from 'react';
import { errorText } from '../base/problem_text';
import { useTexts } from '../i18n/texts';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** What the next page comes after. */
  readonly next?: string;
}

export interface Pages<Item> {
  /** What is shown; the page before stays until the next one is there. */
  readonly page?: Page<Item>;
  readonly error?: string;
  readonly isLoading: boolean;
  /** Absent where there is no such page. */
  readonly toNext?: () => void;
  readonly toPrevious?: () => void;
  /** Shows the page that comes after a name; the first one without. */
  readonly jump: (after: string | undefined) => void;
  readonly reload: () => void;
  /** Puts another item in the place of those that match. */
  readonly replace: (isIt: (item: Item) => boolean, item: Item) => void;
}

/** A list that the server gives page by page. `read` stays the same function while the list is the same. */
export function usePages<Item>(read: (after?: string) => Promise<Page<Item>>): Pages<Item> {
  const say = useTexts();
  // What each page on the way here comes after.
  const [trail, setTrail] = useState<readonly (string | undefined)[]>([undefined]);
  const [version, setVersion] = useState(0);
  const [page, setPage] = useState<Page<Item>>();
  const [error, setError] = useState<string>();
  const [isLoading, setIsLoading] = useState(true);
  useEffect(() => {
    let isCurrent = true;
    setIsLoading(true);
    const finish = (show: () => void) => {
      if (!isCurrent) return;
      setIsLoading(false);
      show();
    };
    read(trail.at(-1)).then(
      (found) => finish(() => { setPage(found); setError(undefined); }),
      (problem: unknown) => finish(() => setError(errorText(problem, say))),
    );
    return () => { isCurrent = false; };
  }, [read, trail, version, say]);
  const next = page?.next;
  return {
    isLoading,
    jump: useCallback((after) => setTrail([after]), []),
    reload: useCallback(() => setVersion((before) => before + 1), []),
    replace: useCallback((isIt, item) => setPage((before) => before && { ...before, items: before.items.map((one) => (isIt(one) ? item : one)) }), []),
    ...(page !== undefined && { page }),
    ...(error !== undefined && { error }),
    ...(next !== undefined && !isLoading && { toNext: () => setTrail((before) => [...before, next]) }),
    ...(trail.length > 1 && !isLoading && { toPrevious: () => setTrail((before) => before.slice(0, -1)) }),
  };
}

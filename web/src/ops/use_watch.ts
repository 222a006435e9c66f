import { useEffect, useReducer } from 'react';
import { ProblemError } from '@tidings/client';
import { useClient } from '../base/client';
import { afterReading, NOTHING_READ, type Watch } from './watch';

export const PERIOD_MS = 2_000;

export function isRefusal(error: unknown): boolean {
  return error instanceof ProblemError && error.code === 'forbidden';
}

/** Reads the figures again and again while the page is to be seen; a refusal ends it. */
export function useWatch(): Watch {
  const { operation } = useClient();
  const [watch, tell] = useReducer(afterReading, NOTHING_READ);
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isReading = false;

    const read = async () => {
      isReading = true;
      const result = await operation.figures(stop.signal).then(
        (figures) => ({ figures }),
        (error: unknown) => ({ error }),
      );
      isReading = false;
      if (stop.signal.aborted) return;
      tell({ ...result, at: Date.now() });
      const isWanted = document.visibilityState === 'visible' && !('error' in result && isRefusal(result.error));
      if (isWanted) timer = setTimeout(() => void read(), PERIOD_MS);
    };
    const onVisibility = () => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible' && !isReading) void read();
    };

    document.addEventListener('visibilitychange', onVisibility);
    void read();
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      clearTimeout(timer);
      stop.abort();
    };
  }, [operation]);
  return watch;
}

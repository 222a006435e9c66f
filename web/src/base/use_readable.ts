import { useSyncExternalStore } from 'react';
import type { Readable } from '@tidings/client';

/** What `readable` holds now; the component is rendered anew when that changes. */
export function useReadable<T>(readable: Readable<T>): T {
  return useSyncExternalStore(readable.subscribe, readable.get);
}

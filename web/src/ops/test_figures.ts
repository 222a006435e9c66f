import type { Figures } from '@tidings/client';

/** A reading with nothing in it but what a test says. */
export function figures(process: string, seconds: number, more: Partial<Figures> = {}): Figures {
  return {
    process, role: 'serve', serverTime: 1_000_000 + seconds * 1000, version: '1.0', upSeconds: seconds,
    stored: 0, throttled: 0, changedSent: 0, queueWaiting: 0, queueLeased: 0, connections: 0, sockets: 0,
    commits: 0, commitUs: 0, storeDiskBytes: 0, storeMessages: 0, busyGroups: [], ...more,
  };
}

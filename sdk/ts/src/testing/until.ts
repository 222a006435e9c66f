import type { Readable } from '../public/readable.js';

/** Resolves with the first snapshot that `holds`; rejects after a time in which it surely should have. */
export function until<T>(readable: Readable<T>, holds: (value: T) => boolean, withinMs = 120_000): Promise<T> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const value = readable.get();
      if (!holds(value)) return;
      clearTimeout(timer);
      end();
      resolve(value);
    };
    const timer = setTimeout(() => {
      end();
      reject(
        new Error(`It did not become so within ${withinMs} ms: ${JSON.stringify(readable.get())?.slice(0, 2_000)}`),
      );
    }, withinMs);
    const end = readable.subscribe(look);
    look();
  });
}

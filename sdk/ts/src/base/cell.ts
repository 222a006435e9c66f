import type { Readable } from '../public/readable.js';

/**
 * A value that others watch. Listeners are called in a microtask, once for all changes of one turn, so that nobody is
 * called in the middle of somebody's work.
 */
export class Cell<T> implements Readable<T> {
  private readonly listeners = new Set<() => void>();
  private scheduled = false;

  constructor(private value: T) {}

  readonly get = (): T => this.value;

  readonly subscribe = (listener: () => void): (() => void) => {
    const own = () => listener(); // the same function may subscribe twice
    this.listeners.add(own);
    return () => void this.listeners.delete(own);
  };

  set(value: T): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      for (const listener of [...this.listeners]) callSafely(listener);
    });
  }

  update(change: (value: T) => T): void {
    this.set(change(this.value));
  }
}

/** A listener that throws must not keep others from being told; its error is reported as uncaught, where it belongs. */
export function callSafely(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

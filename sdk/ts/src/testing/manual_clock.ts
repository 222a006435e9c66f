import type { Clock } from '../base/clock.js';

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  private timers: { at: number; order: number; callback: () => void }[] = [];
  private order = 0;
  private stepped = 0;

  constructor(private time = Date.parse('2026-11-23T16:00:00Z')) {}

  now(): number {
    return this.time;
  }

  elapsed(): number {
    // As large as `time`, so that both round alike: a deadline is reached when its timer fires.
    return this.time - this.stepped;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.time + Math.max(0, ms), order: this.order++, callback };
    this.timers.push(timer);
    return () => void (this.timers = this.timers.filter((other) => other !== timer));
  }

  /** Moves on by `ms`, calling what falls due in its order, each after all work of the one before has settled. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const [next] = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at || a.order - b.order);
      if (!next) break;
      this.timers = this.timers.filter((other) => other !== next);
      this.time = Math.max(this.time, next.at);
      next.callback();
      await settle();
    }
    this.time = end;
  }

  /** The wall clock jumps; timers do not notice. */
  step(ms: number): void {
    this.time += ms;
    this.stepped += ms;
    for (const timer of this.timers) timer.at += ms;
  }

  get waiting(): number {
    return this.timers.length;
  }
}

/** Lets everything run that needs no time: promises and what they set off. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

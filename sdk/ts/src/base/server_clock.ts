import type { Clock } from './clock.js';

/** A machine's clock, corrected by what the server says. */
export class ServerClock {
  private correction = 0;
  private heard = false;

  constructor(
    private readonly clock: Clock,
    private readonly onChange: () => void = () => {},
  ) {}

  now(): number {
    return this.clock.now() + this.correction;
  }

  /** Server's time minus this machine's. */
  get correctionMs(): number {
    return this.correction;
  }

  /** False while the correction is only what an earlier run left. */
  get isFresh(): boolean {
    return this.heard;
  }

  /** What an earlier run knew; better than nothing until the server speaks. */
  restore(correctionMs: number): void {
    if (!this.heard) this.set(correctionMs);
  }

  /**
   * The server said `serverTime` in an answer to a call that began at `began` by this machine's clock. It was that time
   * somewhere between the call and now, so a correction that fits the interval stays: it does not wander with latency.
   */
  observe(serverTime: number, began: number): void {
    const ended = this.clock.now();
    if (!Number.isFinite(serverTime)) return;
    const fits = serverTime >= began + this.correction - 20 && serverTime <= ended + this.correction + 20;
    this.heard = true;
    if (!fits) this.set(Math.round(serverTime - (began + Math.max(began, ended)) / 2));
  }

  private set(correctionMs: number): void {
    if (correctionMs === this.correction) return;
    this.correction = correctionMs;
    this.onChange();
  }
}

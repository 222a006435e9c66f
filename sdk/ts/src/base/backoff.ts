import type { Random } from './random.js';

/** How long to wait after each failure in a row: doubling from `firstMs` to `mostMs`, half of it by chance. */
export class Backoff {
  private failures = 0;

  constructor(
    private readonly random: Random,
    private readonly firstMs: number,
    private readonly mostMs: number,
  ) {}

  next(): number {
    const whole = Math.min(this.mostMs, this.firstMs * 2 ** Math.min(this.failures, 30));
    this.failures++;
    return whole / 2 + (this.random.fraction() * whole) / 2;
  }

  reset(): void {
    this.failures = 0;
  }
}

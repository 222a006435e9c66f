import type { Clock } from '../base/clock.js';
import type { Problem } from '../public/problem.js';

export type Bucket = 'send' | 'read' | 'write';

const LIMIT = /^"(send|read|write)";r=(\d+);t=\d+$/;
const POLICY = /^"(?:send|read|write)";q=(\d+);w=(\d+)$/;

/** When the server will take the next call of each kind, from what its answers say. */
export class RateLimits {
  /** On the clock's `elapsed`; and what is said of it, on the machine's clock. */
  private readonly ready = new Map<Bucket, { readonly at: number; readonly shown: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly onChange: () => void = () => {},
  ) {}

  observe(headers: Headers, problem?: Problem): void {
    const limit = LIMIT.exec(headers.get('RateLimit') ?? '');
    const bucket = limit?.[1] as Bucket | undefined;
    if (problem?.code === 'too-many-requests') {
      const seconds = Number(headers.get('Retry-After') ?? NaN);
      const ms = problem.retryAfterMs ?? (Number.isFinite(seconds) ? seconds * 1000 : 1000);
      for (const one of bucket ? [bucket] : (['send', 'read', 'write'] as const)) this.set(one, Math.min(ms, 60_000));
    } else if (bucket && limit?.[2] === '0') {
      // The bucket is empty: the next token is there after a part of the window.
      const policy = POLICY.exec(headers.get('RateLimit-Policy') ?? '');
      this.set(bucket, policy ? (Number(policy[2]) * 1000) / Math.max(1, Number(policy[1])) : 1000);
    }
  }

  /** 0: now. */
  waitMs(bucket: Bucket): number {
    return Math.max(0, (this.ready.get(bucket)?.at ?? 0) - this.clock.elapsed());
  }

  /** When all kinds are free again; undefined: they are. On this machine's clock. */
  get throttledUntil(): number | undefined {
    const now = this.clock.elapsed();
    let latest: { at: number; shown: number } | undefined;
    for (const one of this.ready.values()) if (one.at > (latest?.at ?? now)) latest = one;
    return latest?.shown;
  }

  private set(bucket: Bucket, ms: number): void {
    this.ready.set(bucket, { at: this.clock.elapsed() + ms, shown: this.clock.now() + ms });
    this.onChange();
  }
}

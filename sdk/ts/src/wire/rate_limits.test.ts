import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../testing/manual_clock.js';
import { RateLimits } from './rate_limits.js';

const problem = { code: 'too-many-requests', status: 429, title: '' } as const;

test('an empty bucket is waited for until its next token, and no other bucket is', async () => {
  const clock = new ManualClock();
  const limits = new RateLimits(clock);
  limits.observe(new Headers({ RateLimit: '"send";r=1;t=9', 'RateLimit-Policy': '"send";q=10;w=10' }));
  assert.equal(limits.waitMs('send'), 0);
  limits.observe(new Headers({ RateLimit: '"send";r=0;t=10', 'RateLimit-Policy': '"send";q=10;w=10' }));
  assert.equal(limits.waitMs('send'), 1_000);
  assert.equal(limits.waitMs('read'), 0);
  await clock.advance(1_000);
  assert.equal(limits.waitMs('send'), 0);
});

test('a 429 is obeyed to the millisecond, by its header where the body says nothing, and by chance never', () => {
  const limits = new RateLimits(new ManualClock());
  limits.observe(new Headers({ RateLimit: '"send";r=0;t=10' }), { ...problem, retryAfterMs: 740 });
  assert.equal(limits.waitMs('send'), 740);
  limits.observe(new Headers({ 'Retry-After': '3' }), problem);
  assert.deepEqual([limits.waitMs('send'), limits.waitMs('read')], [3_000, 3_000]);
});

test('headers that say nonsense stop nothing for long', () => {
  const limits = new RateLimits(new ManualClock());
  limits.observe(new Headers({ RateLimit: 'what?', 'Retry-After': 'soon' }));
  assert.equal(limits.waitMs('send'), 0);
  limits.observe(new Headers({ RateLimit: '"read";r=0;t=1', 'RateLimit-Policy': '"read";q=0;w=10' }));
  assert.ok(limits.waitMs('read') <= 10_000);
  limits.observe(new Headers(), { ...problem, retryAfterMs: 1e12 });
  assert.ok(limits.waitMs('send') <= 60_000);
});

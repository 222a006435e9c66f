import type { Figures } from '@tidings/client';
import { describe, expect, it } from 'vitest';
import { busiestOf, NOBODY, ratesBetween, totalsOf, withReading, type Fleet } from './fleet';
import { figures } from './test_figures';

const read = (...readings: Figures[]): Fleet => readings.reduce(withReading, NOBODY);

describe('rates', () => {
  it('are what was counted between two readings, by the clock of the server', () => {
    const fleet = read(figures('p', 0, { stored: 10, commits: 2, commitUs: 1_000 }), figures('p', 4, { stored: 30, throttled: 2, changedSent: 8, commits: 6, commitUs: 9_000 }));
    expect(totalsOf(fleet)).toMatchObject({ sends: 5, throttled: 0.5, changed: 2, commitMs: 2 });
  });

  it('are not known after one reading', () => {
    const totals = totalsOf(read(figures('p', 0, { stored: 1_000, queueWaiting: 3 })));
    expect(totals.sends).toBeUndefined();
    expect(totals.queueWaiting).toBe(3);
  });

  it('of a process that was started anew begin anew, and are never negative', () => {
    const restarted = read(figures('one life', 0, { stored: 900 }), figures('one life', 2, { stored: 1_000 }), figures('next life', 4, { stored: 1 }));
    expect(totalsOf(restarted).sends).toBeUndefined();
    expect(ratesBetween(figures('p', 0, { stored: 5 }), figures('p', 2, { stored: 4 }))).toBeUndefined();
    expect(ratesBetween(figures('p', 2), figures('p', 2))).toBeUndefined();
    expect(ratesBetween(figures('p', 2), figures('p', 1))).toBeUndefined();
    expect(ratesBetween(figures('p', 0), figures('q', 2))).toBeUndefined();
  });

  it('have no mean time of a commit while there is none', () => {
    const { commitMs, sends } = totalsOf(read(figures('p', 0), figures('p', 2)));
    expect(commitMs).toBeUndefined();
    expect(sends).toBe(0);
  });
});

describe('several processes behind one address', () => {
  const held = { role: 'api', connections: 10 } as const;

  it('are kept apart and added up, once all of them were read twice', () => {
    const first = [figures('p', 0, { ...held, stored: 0 }), figures('q', 0, { ...held, stored: 7_000_000 }), figures('p', 4, { ...held, stored: 40 })];
    expect(totalsOf(read(...first)).sends).toBeUndefined();
    const totals = totalsOf(read(...first, figures('q', 4, { ...held, stored: 7_000_004, queueWaiting: 5, queueLeased: 2 })));
    expect(totals).toMatchObject({ sends: 11, connections: 20, queueWaiting: 5, queueLeased: 2 });
  });

  it('have one queue, as the last of them saw it', () => {
    expect(totalsOf(read(figures('p', 0, { queueWaiting: 9 }), figures('q', 0, { queueWaiting: 4 }))).queueWaiting).toBe(4);
  });

  it('say nothing of what workers of a cluster do not hold', () => {
    const totals = totalsOf(read(figures('p', 0, held), figures('p', 2, held)));
    for (const name of ['changed', 'sockets', 'diskBytes', 'messages']) expect(totals).not.toHaveProperty(name);
    expect(totals.sends).toBe(0);
  });

  it('are forgotten when the others were met three times without them', () => {
    const alive = (seconds: number) => figures('alive', seconds);
    const without = [alive(2), alive(4), alive(6), alive(8), alive(10)];
    expect([...read(figures('gone', 0), ...without).processes.keys()]).toEqual(['gone', 'alive']);
    expect([...read(figures('gone', 0), ...without, alive(12)).processes.keys()]).toEqual(['alive']);
  });

  it('stay known while a balancer goes round', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const fleet = read(...Array.from({ length: 50 }, (_, i) => figures(names[i % 5] ?? '', i * 2, { stored: i })));
    expect([...fleet.processes.keys()]).toEqual(names);
    expect(totalsOf(fleet).sends).toBeCloseTo(2.5);
  });
});

describe('the busiest groups', () => {
  it('are those of all processes together', () => {
    const busy = (id: string, perMinute: number) => ({ id, perMinute });
    const fleet = read(figures('p', 0, { busyGroups: [busy('one', 5), busy('two', 4)] }), figures('q', 0, { busyGroups: [busy('two', 3)] }));
    expect(busiestOf(fleet)).toEqual([busy('two', 7), busy('one', 5)]);
  });

  it('are ten at most', () => {
    const busyGroups = Array.from({ length: 10 }, (_, i) => ({ id: `p${i}`, perMinute: i }));
    const others = busyGroups.map(({ perMinute }) => ({ id: `q${perMinute}`, perMinute: perMinute + 100 }));
    const shown = busiestOf(read(figures('p', 0, { busyGroups }), figures('q', 0, { busyGroups: others })));
    expect(shown).toHaveLength(10);
    expect(shown[0]).toEqual({ id: 'q9', perMinute: 109 });
  });
});

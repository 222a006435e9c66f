import { describe, expect, it } from 'vitest';
import { addressOf, groupIdIn, routeOf } from './route';

const GROUP = '0193b1f0-7c55-7a3e-9d2a-5f2c4b1e8a90';

describe('addresses', () => {
  it('lead back to where they came from', () => {
    const ops = (['figures', 'accounts', 'keys'] as const).map((part) => ({ page: 'ops', part }) as const);
    for (const route of [{ page: 'home' }, { page: 'group', group: GROUP }, { page: 'join', group: GROUP }, ...ops] as const) {
      expect(routeOf(addressOf(route))).toEqual(route);
    }
  });

  it('that nobody made lead home', () => {
    for (const path of ['/g/', `/g/${GROUP}/x`, '/g/javascript:alert(1)', '/elsewhere', '/ops/elsewhere', '/operator']) {
      expect(routeOf(path)).toEqual({ page: 'home' });
    }
  });
});

describe('an invitation', () => {
  it('is a link or a bare id', () => {
    expect(groupIdIn(`https://chat.example/join/${GROUP}`)).toBe(GROUP);
    expect(groupIdIn(` ${GROUP.toUpperCase()} `)).toBe(GROUP);
    expect(groupIdIn('hello')).toBeUndefined();
  });
});

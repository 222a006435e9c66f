import { describe, expect, it } from 'vitest';
import { beginningIn, nameBefore } from './name_before';

const NAME = /^[a-z][a-z0-9_.-]{1,31}$/;

describe('the name before a beginning', () => {
  it('is a name that stands before all that begin so, and after all others that do', () => {
    const names = ['aa', 'ab', 'a-', 'a.b', 'az', 'b-', 'b-z', 'b0', 'ba', 'bo', 'bob', 'bob-', 'bob.x', 'bob_', 'boba', 'boc', 'bz', 'z9', 'zz', 'z'.repeat(32)].sort();
    for (const beginning of [...names, 'a', 'b', 'z', 'bob-9', 'c']) {
      const before = nameBefore(beginning);
      if (before !== undefined) expect(before).toMatch(NAME);
      const after = names.filter((name) => before === undefined || name > before);
      expect(after, beginning).toEqual(names.filter((name) => name >= beginning));
    }
  });

  it('is none where nothing stands before', () => {
    expect(nameBefore('a')).toBeUndefined();
    expect(nameBefore('a-')).toBeUndefined();
  });
});

describe('the beginning of a name', () => {
  it('is taken as people type it', () => {
    expect(beginningIn(' @Bob ')).toBe('bob');
    expect(beginningIn('b')).toBe('b');
  });

  it('is nothing that no name begins with', () => {
    for (const text of ['', '9', 'bob smith', 'b'.repeat(33), 'é']) expect(beginningIn(text)).toBeUndefined();
  });
});

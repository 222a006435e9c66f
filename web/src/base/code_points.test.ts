import { expect, it } from 'vitest';
import { codePoints } from './code_points';

it('counts what the API counts', () => {
  for (const text of ['', 'abc', 'صباح', '大家', '👍🏽', '👩‍👩‍👧‍👦', 'a\ud800', '\udc00b', 'e\u0301']) {
    expect(codePoints(text)).toBe([...text].length);
  }
});

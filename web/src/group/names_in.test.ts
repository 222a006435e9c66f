import { expect, it } from 'vitest';
import { namesIn } from './names_in';

it('takes names as people separate them', () => {
  expect(namesIn(' Alice, @bob;carol  @bob،dave')).toEqual(['@alice', '@bob', '@carol', '@dave']);
  expect(namesIn(' , ')).toEqual([]);
});

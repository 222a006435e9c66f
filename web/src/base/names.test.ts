import { expect, it } from 'vitest';
import type { GroupSummary, PeopleSnapshot, Person } from '@tidings/client';
import { groupName, personName } from './names';

const people = (displayName: string): PeopleSnapshot => ({
  people: new Map([['@eve', { name: '@eve', displayName } as Person]]), presence: new Map(),
});

it('a name turns nothing round but itself', () => {
  expect(personName(people('Eve\u202e\u2067'), '@eve')).toBe('Eve');
  expect(groupName({ kind: 'group', name: 'Gr\u202doup' } as GroupSummary, people(''), '@bob', (key) => key)).toBe('Group');
});

it('a name of nothing that can be seen is no name', () => {
  expect(personName(people('\u202e \u2066'), '@eve')).toBe('eve');
  expect(groupName({ kind: 'group', name: '\u202e' } as GroupSummary, people(''), '@bob', (key) => key)).toBe('nav.unnamed');
});

it('names of all scripts stay as they are', () => {
  for (const name of ['يوسف حداد', 'प्रिया राव', '佐藤 花', '👩‍🚀', 'a\u200eb']) expect(personName(people(name), '@eve')).toBe(name);
});

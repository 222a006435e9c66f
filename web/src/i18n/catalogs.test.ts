import { expect, it } from 'vitest';
import arabic from './ar.json';
import english from './en.json';

interface Catalog {
  readonly [key: string]: string | Catalog;
}

function leaves(catalog: Catalog, path = ''): [string, string][] {
  return Object.entries(catalog).flatMap(([key, value]) =>
    typeof value === 'string' ? [[path + key, value] as [string, string]] : leaves(value, `${path}${key}.`),
  );
}

const stem = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, '');
const stems = (catalog: Catalog) => new Set(leaves(catalog).map(([key]) => stem(key)));

it('every language says everything', () => {
  expect(stems(arabic)).toEqual(stems(english));
});

it('a language that counts in six ways has all six', () => {
  const keys = new Set(leaves(arabic).map(([key]) => key));
  for (const [key] of leaves(english)) {
    if (!key.endsWith('_other')) continue;
    for (const form of ['zero', 'one', 'two', 'few', 'many', 'other']) expect(keys).toContain(`${stem(key)}_${form}`);
  }
});

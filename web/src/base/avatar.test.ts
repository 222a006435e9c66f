import { expect, it } from 'vitest';
import { hueOf, initials } from './avatar';

it('takes the letters that people would', () => {
  expect(initials('Mira Okafor')).toBe('MO');
  expect(initials('demo.mira')).toBe('DM');
  expect(initials('يوسف حداد')).toBe('ي');
  expect(initials('佐藤 花')).toBe('佐');
  expect(initials('👍🏽')).toBe('·');
  expect(initials('')).toBe('·');
});

it('keeps its colour', () => {
  expect(hueOf('@alice')).toBe(hueOf('@alice'));
  expect(hueOf('@alice')).toBeLessThan(360);
});

/** Whether everybody gets through, as far as a program can tell. */
import assert from 'node:assert/strict';
import AxeBuilder from '@axe-core/playwright';

const { default: Axe = AxeBuilder } = AxeBuilder;
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
// Empty elements at the edges of a menu or dialog that pass the focus on at once: nobody stays on one.
const SENTINELS = '[class*="__focus-trap"]';

export async function hasNoBarrier(page, where) {
  const { violations } = await new Axe({ page }).withTags(WCAG).exclude(SENTINELS).analyze();
  const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${where}: ${id} at ${node.target}: ${node.failureSummary}`));
  assert.deepEqual(found, []);
}

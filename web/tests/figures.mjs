/** How figures are taken: in the page by its own clock, of the page by the browser's. */
import { readFile } from 'node:fs/promises';

export function percentile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** "p50 8 ms, p99 21 ms, most 30 ms". */
export const spread = (values) => `p50 ${percentile(values, 0.5).toFixed(0)} ms, p99 ${percentile(values, 0.99).toFixed(0)} ms, most ${Math.max(...values).toFixed(0)} ms`;

/**
 * To run in a page before anything else. Notes when a text `tick 17.` was in an answer of the server, and when the first
 * frame in which it is in the page was painted.
 */
export function watchTicks() {
  const ticks = (window.ticks = { received: {}, shown: {} });
  const fetchNow = window.fetch;
  window.fetch = async (...call) => {
    const answer = await fetchNow(...call);
    const textOf = answer.text.bind(answer);
    answer.text = async () => {
      const text = await textOf();
      const now = Date.now();
      for (const [, number] of text.matchAll(/"tick (\d+)\./g)) ticks.received[number] ??= now;
      return text;
    };
    return answer;
  };
  const look = () => {
    const fresh = [...document.querySelectorAll('.message-body')].map((body) => /^tick (\d+)\./.exec(body.textContent)?.[1]).filter((number) => number !== undefined && ticks.shown[number] === undefined);
    for (const number of fresh) ticks.shown[number] = 0;
    // A task after the frame: by then it was painted.
    if (fresh.length > 0) setTimeout(() => { for (const number of fresh) ticks.shown[number] = Date.now(); });
    requestAnimationFrame(look);
  };
  look();
}

/**
 * To run in a page: goes through the list at `speed` pixels a frame (negative: upwards) to its end. Answers with the keys
 * of all rows that it saw, whether they stood in order each time, and with how many frames were due and not there.
 */
export async function scrollThrough(speed) {
  const scroller = document.querySelector('[data-testid="scroller"]');
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const keys = new Set();
  let inOrder = true, dropped = 0, frames = 0, restAt = 0;
  const look = () => {
    const shown = [...scroller.querySelectorAll('.row')].sort((one, other) => one.dataset.index - other.dataset.index).map((row) => row.dataset.key);
    inOrder &&= shown.every((key, index) => index === 0 || shown[index - 1] < key);
    for (const key of shown) keys.add(key);
  };
  let before = await frame();
  look();
  while (restAt < 30) {
    const at = scroller.scrollTop;
    scroller.scrollTop = at + speed;
    const now = await frame();
    const late = Math.round((now - before) / (1000 / 60)) - 1;
    before = now;
    // At the end older ones may still be on their way, which is no scrolling.
    if (scroller.scrollTop !== at) {
      frames += 1 + Math.max(0, late);
      dropped += Math.max(0, late);
      restAt = 0;
    } else restAt++;
    look();
  }
  return { keys: [...keys], inOrder, frames, dropped };
}

/** Counts the time for which a processor works for the page's main thread, which other programs do not lengthen. In ms. */
export async function processorClock(page) {
  const inspector = await page.context().newCDPSession(page);
  await inspector.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async () => (await inspector.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
  let before = await read();
  /** Since the last call, or since the beginning. */
  return async () => {
    const now = await read();
    const passed = now - before;
    before = now;
    return passed;
  };
}

/** What a page holds: its script's heap, and what its process has for itself alone. In MB. */
export async function memoryOf(page) {
  const inspector = await page.context().newCDPSession(page);
  await inspector.send('HeapProfiler.collectGarbage');
  await inspector.send('Performance.enable');
  const { metrics } = await inspector.send('Performance.getMetrics');
  await inspector.detach();
  const root = await page.context().browser().newBrowserCDPSession();
  const { processInfo } = await root.send('SystemInfo.getProcessInfo');
  await root.detach();
  const own = await Promise.all(processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => privateBytes(id)));
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize').value;
  return { heapMb: heap / 1e6, processMb: Math.max(...own) / 1e6 };
}

async function privateBytes(pid) {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return [...rollup.matchAll(/^Private_\w+:\s+(\d+) kB/gm)].reduce((sum, [, kb]) => sum + Number(kb) * 1024, 0);
}

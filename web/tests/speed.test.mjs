/** How fast it is, printed; what is asserted is that speed costs nothing: all is there, once and in order. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { processorClock, scrollThrough, spread, watchTicks } from './figures.mjs';
import { composer, eventually, launch, messageWith, newDevice, pair, Server, signIn, switchOn, toNewest } from './support.mjs';

let server;
before(async () => {
  const much = '100000/1';
  server = await Server.start('--person-sends', much, '--person-reads', much, '--person-writes', much);
});
after(() => server?.stop());

/** The sums of all ids are equal here and on the server. */
async function holdsAll(page, count) {
  await page.locator('[data-trust]').click();
  const details = page.locator('.trust-details');
  await eventually(async () => {
    await details.getByRole('button', { name: 'Compare now' }).click();
    return (await details.getByText(`${count} entries`).count()) === 2;
  }, `${count} on both sides`);
  assert.equal(await page.locator('[data-trust]').getAttribute('data-trust'), 'complete');
  await page.keyboard.press('Escape');
  await details.waitFor({ state: 'detached' });
}

test('fifty messages a second are on screen as they come', async (t) => {
  const browser = await launch();
  t.after(() => browser.close());
  const { reader, say } = await pair(server, 'ticker');
  const { context, reports } = await newDevice(browser);
  await context.addInitScript(watchTicks);
  const page = await context.newPage();
  await say('the beginning');
  await signIn(page, server.url, reader.user.name);
  await page.getByRole('link', { name: /^ticker / }).click();
  await messageWith(page, 'the beginning').waitFor();

  const worked = await processorClock(page);
  const count = 500, everyMs = 20;
  const sent = [], answers = [];
  const began = Date.now();
  for (let number = 0; number < count; number++) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + number * everyMs - Date.now())));
    sent.push(Date.now());
    answers.push(say(`tick ${number}. ${'Some words of a message. '.repeat(number % 4)}`));
  }
  await Promise.all(answers);
  await messageWith(page, `tick ${count - 1}.`).waitFor();
  t.diagnostic(`worked on each message: ${((await worked()) / count).toFixed(1)} ms`);
  const { received, shown } = await page.evaluate(() => window.ticks);
  // What was never in the page went by above it: a slow machine shows the newest, not each.
  const seen = Object.keys(shown).map(Number).filter((number) => shown[number] > 0);
  t.diagnostic(`receive to on screen, ${seen.length} of ${count}: ${spread(seen.map((number) => shown[number] - received[number]))}`);
  t.diagnostic(`send to on screen: ${spread(seen.map((number) => shown[number] - sent[number]))}`);
  assert.equal(Object.keys(received).length, count);
  await holdsAll(page, count + 1);
  const { keys, inOrder } = await page.evaluate(scrollThrough, -400);
  assert.equal(keys.length, count + 1);
  assert.ok(inOrder, 'in order');
  assert.deepEqual(reports, []);
});

test('ten thousand messages: scrolled from end to end, written into, and opened without a network', async (t) => {
  const { reader, say } = await pair(server, 'long');
  const count = 10_000, stepMs = 100_000;
  const start = Date.now() - (count + 1) * stepMs;
  for (let from = 0; from < count; from += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, k) => say(`line ${from + k}. ${'and some more words '.repeat((from + k) % 7)}`, start + (from + k) * stepMs)));
  }
  const directory = await mkdtemp(join(tmpdir(), 'tidings-device-'));
  let device = await switchOn(directory);
  t.after(async () => {
    await device.context.close();
    await rm(directory, { recursive: true, force: true });
  });
  const page = await device.context.newPage();
  await signIn(page, server.url, reader.user.name);
  await page.getByRole('link', { name: /^long / }).click();
  await toNewest(page, `line ${count - 1}.`);

  const began = performance.now();
  await page.getByRole('button', { name: 'Search in this conversation' }).click();
  await page.getByLabel('Jump to a date').fill(new Date(start + 7_200_000).toISOString().slice(0, 10));
  await page.locator('.row-marked').waitFor();
  t.diagnostic(`${count} messages loaded from the server: ${(performance.now() - began).toFixed(0)} ms`);
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await eventually(async () => {
    await page.locator('[data-testid="scroller"]').evaluate((scroller) => scroller.scrollTo(0, 0));
    return messageWith(page, 'line 0.').isVisible();
  }, 'the first message');

  // All were held when that day was found; this is how it feels to go through them.
  const worked = await processorClock(page);
  const { keys, frames, dropped, inOrder } = await page.evaluate(scrollThrough, 400);
  t.diagnostic(`scrolled from end to end at 400 px a frame: ${((100 * dropped) / frames).toFixed(1)} % of ${frames} frames dropped; worked ${((await worked()) / (frames - dropped)).toFixed(1)} ms a frame`);
  assert.equal(keys.length, count);
  assert.ok(inOrder, 'in order');
  await messageWith(page, `line ${count - 1}.`).waitFor();

  const echoes = [];
  await worked();
  for (let number = 0; number < 20; number++) {
    await composer(page).fill(`echo ${number}.`);
    await page.evaluate(watchEcho, `echo ${number}.`);
    await composer(page).press('Enter');
    echoes.push(await page.evaluate(() => window.echo));
  }
  t.diagnostic(`Enter to on screen with ${count} loaded: ${spread(echoes.map(({ ms }) => ms))}; ${echoes.filter(({ frames }) => frames === 1).length} of ${echoes.length} in the next frame; worked ${((await worked()) / echoes.length).toFixed(1)} ms on each, its typing included`);
  await messageWith(page, 'echo 19.').locator('[data-delivery="stored"]').waitFor();
  await holdsAll(page, count + 20);

  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  const address = page.url();
  assert.deepEqual(device.reports, []);
  const starts = [], work = [];
  for (let round = 0; round < 4; round++) {
    await device.context.close();
    device = await switchOn(directory);
    await device.context.setOffline(true);
    await device.context.addInitScript(watchFirstMessage);
    const returned = await device.context.newPage();
    const workedHere = await processorClock(returned);
    await returned.goto(address);
    starts.push(await eventually(() => returned.evaluate(() => window.shownAt), 'a message without a network'));
    work.push(await workedHere());
    await messageWith(returned, 'echo 19.').waitFor();
    assert.deepEqual(device.reports, []);
  }
  t.diagnostic(`opened without a network in a new browser, to messages on screen: ${spread(starts)}; worked: ${spread(work)}`);
});

/** In the page: `window.echo` resolves with how long, and how many frames, it takes from the next Enter until this text is painted. */
function watchEcho(text) {
  window.echo = new Promise((resolve) => {
    addEventListener('keydown', () => {
      const pressed = performance.now();
      const look = (frames) => {
        const isThere = [...document.querySelectorAll('.message-body')].some((body) => body.textContent.startsWith(text));
        if (isThere) setTimeout(() => resolve({ ms: performance.now() - pressed, frames }));
        else requestAnimationFrame(() => look(frames + 1));
      };
      requestAnimationFrame(() => look(1));
    }, { capture: true, once: true });
  });
}

/** To run in a page before anything else: `window.shownAt` is when the first message was painted, in ms since the page was asked for. */
function watchFirstMessage() {
  const look = () => {
    if (document.querySelector('.message')) setTimeout(() => (window.shownAt = performance.now()));
    else requestAnimationFrame(look);
  };
  look();
}

/** The first two minutes of somebody new, in one go; what took how long is printed. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { composer, eventually, launch, messageWith, newDevice, send, Server, signUp } from './support.mjs';

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** When the page's own clock showed a row with this text, and when its mark said "stored". Asked before it is sent. */
function watchSend(page, text) {
  return page.evaluate((wanted) => {
    window.sendTimes = new Promise((resolve) => {
      const times = {};
      const look = () => {
        const row = [...document.querySelectorAll('.row')].find((one) => one.textContent.includes(wanted));
        if (row && times.shown === undefined) times.shown = performance.now();
        if (row?.querySelector('[data-delivery="stored"]')) resolve({ ...times, stored: performance.now(), pressed: window.pressedAt });
        else requestAnimationFrame(look);
      };
      addEventListener('keydown', (event) => { if (event.key === 'Enter') window.pressedAt = performance.now(); }, { capture: true });
      look();
    });
  }, text);
}

/** When the page first showed something. A form may stand in the document a frame before it is on the screen. */
function firstPaint(page) {
  return page.evaluate(() => new Promise((resolve) => {
    new PerformanceObserver((list) => {
      for (const entry of list.getEntriesByName('first-contentful-paint')) resolve(entry.startTime);
    }).observe({ type: 'paint', buffered: true });
  }));
}

const sendTimes = (page) => page.evaluate(() => window.sendTimes);
const order = (page, texts) => page.evaluate((wanted) => [...document.querySelectorAll('.row')]
  .sort((one, other) => one.dataset.index - other.dataset.index)
  .map((row) => wanted.find((text) => row.textContent.includes(text))).filter(Boolean), texts);

test('somebody new is at home within two minutes', async (t) => {
  const say = (what, ms) => t.diagnostic(`${what}: ${ms.toFixed(0)} ms`);
  const { context, reports } = await newDevice(browser);
  const page = await context.newPage();

  await page.goto(server.url);
  await page.getByLabel('Name').waitFor();
  say('first paint', await firstPaint(page));
  // What the page itself asks for; the chat is fetched meanwhile.
  const firstRoute = await page.evaluate(async () => {
    const files = new Set([...(await (await fetch('/')).text()).matchAll(/\/assets\/[\w-]+\.js/g)].map(([file]) => file));
    return performance.getEntriesByType('resource').filter((entry) => files.has(new URL(entry.name).pathname)).reduce((sum, entry) => sum + entry.encodedBodySize, 0);
  });
  t.diagnostic(`compressed script of the first route: ${(firstRoute / 1000).toFixed(0)} kB`);
  assert.ok(firstRoute > 0 && firstRoute <= 150_000, `${firstRoute} bytes`);

  let began = performance.now();
  await signUp(page, server.url, 'alice');
  say('from the form to the demo group', performance.now() - began);
  await page.getByText('Hello, alice!').last().waitFor();
  assert.equal(await page.locator('.tag-late').count(), 1);

  await composer(page).fill('Hello from the first window');
  await watchSend(page, 'Hello from the first window');
  await composer(page).press('Enter');
  const { pressed, shown, stored } = await sendTimes(page);
  say('Enter to on screen', shown - pressed);
  say('Enter to stored', stored - pressed);
  await page.locator('.row', { hasText: 'That was on the disk' }).waitFor();

  // A second window, on another device. Both are live.
  const other = await newDevice(browser);
  const second = await other.context.newPage();
  await second.goto(server.url);
  await second.getByRole('button', { name: 'I have an account' }).click();
  await second.getByLabel('Name').fill('alice');
  await second.getByLabel('Password').fill('correct horse battery');
  await second.keyboard.press('Enter');
  await messageWith(second, 'Hello from the first window').waitFor();
  began = performance.now();
  await send(page, 'Do you see this?');
  await messageWith(second, 'Do you see this?').waitFor();
  say('seen in the other window', performance.now() - began);

  // The network is pulled: three wait, and come once each, in place. What came before is answered, else it would wait with them.
  await messageWith(page, 'Do you see this?').locator('[data-delivery="stored"]').waitFor();
  await context.setOffline(true);
  const waiting = ['first from the tunnel', 'second from the tunnel', 'third from the tunnel'];
  for (const text of waiting) await send(page, text);
  await page.getByText('Offline, 3 waiting').waitFor();
  for (const text of waiting) await messageWith(page, text).locator('[data-delivery="waiting"], [data-delivery="sending"]').waitFor();
  await send(second, 'said meanwhile');
  began = performance.now();
  await context.setOffline(false);
  for (const one of [page, second]) {
    for (const text of [...waiting, 'said meanwhile']) await messageWith(one, text).first().waitFor();
    const expected = [...waiting, 'said meanwhile'];
    await eventually(async () => JSON.stringify(await order(one, expected)) === JSON.stringify(expected), 'the same order');
  }
  for (const text of waiting) {
    await messageWith(page, text).locator('[data-delivery="stored"]').waitFor();
    assert.equal(await messageWith(second, text).count(), 1);
  }
  say('three sent after the network came back', performance.now() - began);
  await page.locator('[data-trust="complete"]').waitFor();
  await second.locator('[data-trust="complete"]').waitFor();

  // An edit and a reaction are seen in the other window.
  began = performance.now();
  await composer(page).press('ArrowUp');
  await composer(page).fill('third from the tunnel, corrected');
  await composer(page).press('Enter');
  await messageWith(second, 'third from the tunnel, corrected').getByText('(edited)').waitFor();
  say('an edit in the other window', performance.now() - began);
  began = performance.now();
  await messageWith(second, 'first from the tunnel').focus();
  await messageWith(second, 'first from the tunnel').getByRole('button', { name: 'React 👍' }).click();
  await messageWith(page, 'first from the tunnel').locator('.reaction', { hasText: '👍' }).waitFor();
  say('a reaction in the other window', performance.now() - began);

  assert.deepEqual([...reports, ...other.reports], []);
});

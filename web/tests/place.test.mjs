/** What is being read stays where it is, and what was written is not lost. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { scrollThrough } from './figures.mjs';
import { composer, eventually, launch, messageWith, mint, newDevice, send, Server, signIn, toNewest } from './support.mjs';

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start('--person-sends', '1000/1', '--person-reads', '10000/1', '--person-writes', '1000/1'), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Where on the screen the row with this text is. */
const topOf = (page, text) => page.evaluate((wanted) => [...document.querySelectorAll('.row')].find((row) => row.textContent.includes(wanted))?.getBoundingClientRect().top, text);
const scrollBy = (page, px) => page.locator('[data-testid="scroller"]').evaluate((scroller, by) => scroller.scrollBy(0, by), px);
const distanceFromEnd = (page) => page.locator('[data-testid="scroller"]').evaluate((it) => it.scrollHeight - it.scrollTop - it.clientHeight);

/** Two people in a group in which 150 messages were said in the last days, and one of them looking at it. */
async function talk(name) {
  const reader = await server.person(`${name}.reader`);
  const writer = await server.person(`${name}.writer`);
  const group = await reader.call('POST', '/v1/groups', { name, members: [`@${writer.user.name}`] });
  const start = Date.now() - 5 * 24 * 3600 * 1000;
  const at = (i) => start + i * 600_000;
  const write = (i, text) => writer.call('PUT', `/v1/messages/${mint(at(i))}`, { to: [group.id], text });
  for (let i = 0; i < 150; i++) await write(i, `line ${i} ${'and some more words '.repeat(i % 7)}`);
  const { context, reports } = await newDevice(browser);
  const page = await context.newPage();
  await signIn(page, server.url, reader.user.name);
  await page.getByRole('link', { name: new RegExp(`^${name} `) }).click();
  await toNewest(page, 'line 149');
  return { page, context, reports, group, reader, writer, write };
}

test('500 messages inserted above the fold do not move what is being read', async (t) => {
  const { page, write, reports } = await talk('inserts');
  for (let i = 0; i < 4; i++) await scrollBy(page, -500);
  const anchor = await eventually(() => page.evaluate(() => {
    const box = document.querySelector('[data-testid="scroller"]').getBoundingClientRect();
    const row = [...document.querySelectorAll('.row')].find((one) => one.getBoundingClientRect().top > box.top + 100);
    return row && /line \d+ /.exec(row.textContent)?.[0];
  }), 'a row to look at');
  // What is measured for the first time has come to rest.
  let before = await topOf(page, anchor);
  await eventually(async () => { const now = await topOf(page, anchor); const rests = now === before; before = now; return rests; }, 'rest');

  const index = Number(/\d+/.exec(anchor)[0]);
  for (let batch = 0; batch < 20; batch++) {
    await Promise.all(Array.from({ length: 25 }, (_, k) => write(index - 12 - (batch * 25 + k) * 0.05, `inserted ${batch * 25 + k} ${'words '.repeat(k % 9)}`)));
  }
  await page.getByRole('button', { name: '500 late above' }).waitFor().catch(async () => {
    throw new Error(`the pill says ${await page.locator('.pill-above').allTextContents()}`);
  });
  const moved = Math.abs((await topOf(page, anchor)) - before);
  t.diagnostic(`moved by ${moved} px`);
  assert.ok(moved <= 1, `moved by ${moved} px`);
  // The pill leads there.
  await page.locator('.pill-above').click();
  await messageWith(page, 'inserted 0 ').first().waitFor();
  assert.deepEqual(reports, []);
});

test('the list hangs on its bottom, and says what came below while one looks elsewhere', async () => {
  const { page, writer, group } = await talk('bottom');
  await writer.say(group.id, 'right at the end');
  await messageWith(page, 'right at the end').waitFor();
  await eventually(async () => (await distanceFromEnd(page)) < 2, 'the end');
  await scrollBy(page, -1500);
  await messageWith(page, 'right at the end').waitFor({ state: 'detached' });
  for (const text of ['below 1', 'below 2', 'below 3']) await writer.say(group.id, text);
  await page.getByRole('button', { name: '3 new below' }).click();
  await messageWith(page, 'below 3').waitFor();
  await eventually(async () => (await distanceFromEnd(page)) < 2, 'the end');
  await page.getByRole('button', { name: 'new below' }).waitFor({ state: 'detached' });
});

test('a burst shakes nobody off the end, and what went by is neither new below nor late above', async () => {
  const { page, writer, group, reports } = await talk('burst');
  await eventually(async () => (await distanceFromEnd(page)) < 2, 'the end');
  const burst = async (name, count) => {
    await Promise.all(Array.from({ length: count }, (_, k) => writer.say(group.id, `${name} ${k}. ${'and some more words '.repeat(k % 9)}`)));
    await writer.say(group.id, `the end of ${name}`);
  };
  for (let number = 0; number < 20; number++) {
    await burst(`burst ${number}`, 60);
    await messageWith(page, `the end of burst ${number}`).waitFor();
  }
  await eventually(async () => (await distanceFromEnd(page)) < 2, 'the end');
  assert.equal(await page.locator('.pill').count(), 0);

  // The same for who has gone up and comes back by the pill: what it counted was below, and is read now.
  await scrollBy(page, -1500);
  await messageWith(page, 'the end of burst 19').waitFor({ state: 'detached' });
  await burst('the last', 60);
  await page.getByRole('button', { name: '61 new below' }).click();
  await messageWith(page, 'the end of the last').waitFor();
  await page.locator('.pill').waitFor({ state: 'detached' });
  assert.deepEqual(reports, []);
});

test('older messages come as one scrolls or searches, and a date leads back', async () => {
  const { page, write } = await talk('older');
  await write(-120, 'a needle in the hay');
  await Promise.all(Array.from({ length: 110 }, (_, k) => write(k - 115, `hay ${k}`)));
  // Whoever comes back has the newest loaded, and not all that is on the device.
  await page.getByRole('button', { name: '111 late above' }).waitFor();
  await page.reload();
  await toNewest(page, 'line 149');
  await page.getByRole('button', { name: 'Search in this conversation' }).click();
  // What is not loaded is looked for when that is asked for.
  await page.getByLabel('Search what is loaded').fill('NEEDLE');
  await page.getByText('Nothing found in what is loaded').waitFor();
  await page.getByRole('button', { name: 'Search older messages' }).click();
  await page.locator('.search-found mark', { hasText: 'needle' }).click();
  await page.locator('.row-marked', { hasText: 'a needle in the hay' }).waitFor();
  await page.getByLabel('Search what is loaded').fill('never said');
  await page.getByText('Nothing found in this conversation').waitFor();
  const day = new Date(Date.now() - 5 * 24 * 3600 * 1000 + 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel('Jump to a date').fill(day);
  await page.locator('.row-marked').waitFor();
  await page.getByLabel('Search what is loaded').fill('LINE 149');
  await page.getByText('1 message found').waitFor();
  await page.locator('.search-found button').click();
  await messageWith(page, 'line 149').waitFor();
});

test('a reload and Back lead to where one was reading', async () => {
  const { page, reports } = await talk('return');
  /** The number of the line at the top of the screen. */
  const top = () => page.evaluate(() => {
    const box = document.querySelector('[data-testid="scroller"]')?.getBoundingClientRect();
    if (box === undefined) return undefined;
    const rows = [...document.querySelectorAll('.row')].sort((one, other) => one.dataset.index - other.dataset.index);
    return /line (\d+) /.exec(rows.find((row) => row.getBoundingClientRect().bottom > box.top + 1)?.textContent)?.[1];
  });
  for (let i = 0; i < 8; i++) await scrollBy(page, -600);
  let before;
  await eventually(async () => { const [now, kept] = [await top(), await page.evaluate(() => history.state?.place)]; const rests = now !== undefined && kept !== undefined && now === before; before = now; return rests; }, 'rest');
  const isBack = () => eventually(async () => Math.abs(Number(await top()) - Number(before)) <= 1, `line ${before} at the top`);
  await page.reload();
  await isBack();
  await page.getByRole('link', { name: /The lake/ }).click();
  await page.getByRole('heading', { name: 'The lake on Saturday' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'return' }).waitFor();
  await isBack();
  // From the end, one comes back to the end.
  await page.getByRole('button', { name: 'To the newest message' }).click();
  await messageWith(page, 'line 149').waitFor();
  await eventually(() => page.evaluate(() => history.state?.place === undefined), 'no place');
  await page.reload();
  await messageWith(page, 'line 149').waitFor();
  assert.deepEqual(reports, []);
});

test('a reload in the middle of a send loses nothing and repeats nothing', async () => {
  const { page, reports } = await talk('reload');
  await server.kill();
  await send(page, 'sent into the void');
  await messageWith(page, 'sent into the void').waitFor();
  await composer(page).fill('a draft that stays');
  // The page comes from the service worker while there is no server.
  await page.reload();
  await messageWith(page, 'sent into the void').waitFor();
  assert.equal(await composer(page).inputValue(), 'a draft that stays');
  await server.run();
  await messageWith(page, 'sent into the void').locator('[data-delivery="stored"]').waitFor();
  assert.equal(await messageWith(page, 'sent into the void').count(), 1);
  assert.deepEqual(reports, []);
});

test('what was read can be read without a network', async () => {
  const { page, context } = await talk('offline');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await context.setOffline(true);
  await page.reload();
  await messageWith(page, 'line 149').waitFor();
  await page.getByText('Offline', { exact: true }).waitFor();
});

test('a refusal says why and what to do, of a message and of a change to one', async () => {
  const { page, context, reports } = await talk('refused');
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const refuse = () => page.route('**/v1/messages/*', (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify({ type: '/problems/forbidden', title: 'Forbidden', status: 403, code: 'forbidden' }) }));
  const copied = async (row) => {
    await row.getByRole('button', { name: 'Copy text' }).click();
    await row.getByRole('button', { name: 'Copied' }).waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  const mark = page.getByRole('link', { name: /^refused / }).getByText('1 not accepted by the server');
  await refuse();
  await send(page, 'not for here');
  const row = messageWith(page, 'not for here');
  await row.getByText('Not sent. You may not do this.').waitFor();
  await mark.waitFor({ state: 'attached' });
  assert.equal(await copied(row), 'not for here');
  await page.unroute('**/v1/messages/*');
  await row.getByRole('button', { name: 'Try again' }).click();
  await row.locator('[data-delivery="stored"]').waitFor();
  await mark.waitFor({ state: 'detached' });

  // The message shows as it is; what was to become of it is not lost.
  await refuse();
  await composer(page).press('ArrowUp');
  await composer(page).fill('the better wording');
  await composer(page).press('Enter');
  await row.getByText('Your change was not accepted: You may not do this.').waitFor();
  assert.equal(await copied(row), 'the better wording');
  await page.unroute('**/v1/messages/*');
  await row.getByRole('button', { name: 'Try again' }).click();
  const better = messageWith(page, 'the better wording');
  await better.getByText('(edited)').waitFor();
  await better.locator('.refused').waitFor({ state: 'detached' });

  await refuse();
  await better.focus();
  await better.getByRole('button', { name: 'React 👍' }).click();
  await better.getByText('Your reaction was not accepted: You may not do this.').waitFor();
  await better.getByRole('button', { name: 'Discard' }).click();
  await better.locator('.refused').waitFor({ state: 'detached' });
  assert.deepEqual(reports, []);
});

test('a gap says so, says why it stays, and fills when it can', async () => {
  const reader = await server.person('gap.reader');
  const writer = await server.person('gap.writer');
  const group = await reader.call('POST', '/v1/groups', { name: 'gap', members: ['@gap.writer'] });
  const count = 500, start = Date.now() - 24 * 3600 * 1000;
  const write = (number) => writer.call('PUT', `/v1/messages/${mint(start + number * 60_000)}`, { to: [group.id], text: `line ${number}.` });
  const { id: first } = await write(0);
  for (let from = 1; from < count; from += 50) await Promise.all(Array.from({ length: Math.min(50, count - from) }, (_, k) => write(from + k)));
  await writer.say(group.id, 'about the first', { reply_to: first });

  const { context, reports } = await newDevice(browser);
  const page = await context.newPage();
  let network = 'broken', letThrough;
  const held = new Promise((resolve) => (letThrough = resolve));
  await page.route(/\/messages\?limit=/, async (route) => {
    if (network === 'broken') return route.abort();
    await held;
    return route.continue();
  });
  await signIn(page, server.url, 'gap.reader');
  await page.getByRole('link', { name: /^gap / }).click();

  // An answer leads to what it answers, far above what is loaded: between them is what nobody has looked at yet.
  await toNewest(page, 'about the first');
  await messageWith(page, 'about the first').locator('.quoted').click();
  await messageWith(page, 'line 0.').waitFor();
  const gap = page.locator('.gap');
  await eventually(async () => {
    if (await gap.isVisible()) return true;
    await scrollBy(page, 300);
    return false;
  }, 'the gap');
  await gap.getByText('Messages are missing here').waitFor();
  await gap.getByText("The server can't be reached.").waitFor();
  network = 'slow';
  await gap.getByRole('button', { name: 'Load them' }).click();
  await gap.getByText('Filling the gap…').waitFor();
  letThrough();
  await gap.waitFor({ state: 'detached' });

  await page.locator('[data-trust]').click();
  await page.getByRole('button', { name: 'Compare now' }).click();
  await page.getByText(`${count + 1} entries`).first().waitFor();
  await page.keyboard.press('Escape');
  await page.locator('[data-testid="scroller"]').evaluate((scroller) => scroller.scrollTo(0, 0));
  const { keys, inOrder } = await page.evaluate(scrollThrough, 300);
  assert.equal(keys.length, count + 1);
  assert.ok(inOrder, 'in order');
  assert.deepEqual(reports, []);
});

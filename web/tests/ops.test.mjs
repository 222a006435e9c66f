/** The operator's page: figures that follow what happens, accounts and keys that are really changed. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hasNoBarrier } from './axe.mjs';
import { eventually, launch, newDevice, PASSWORD, Server, signUp } from './support.mjs';

let server, browser, operator;
before(async () => {
  [server, browser] = await Promise.all([Server.start('--person-sends', '1000/1', '--person-writes', '1000/1', '--person-reads', '1000/1'), launch()]);
  operator = await server.person('operator');
  await server.admin('account', 'admin', 'operator');
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function signIn(page, name, address = server.url) {
  await page.goto(address);
  await page.getByRole('button', { name: 'I have an account' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
}

/** A device that is put away after the test, so that it asks the server nothing more. */
async function open(t, options) {
  const device = await newDevice(browser, options);
  t.after(() => device.context.close());
  return { ...device, page: await device.context.newPage() };
}

/** The operator's page on a device of its own. */
async function openOps(t, options) {
  const { context, reports, page } = await open(t, options);
  await signIn(page, 'operator', `${server.url}/ops`);
  await page.locator('[data-watch="live"]').waitFor();
  return { context, page, reports };
}

const shown = (page, figure) => page.locator(`[data-figure="${figure}"] [data-now]`).textContent();
const number = async (page, figure) => Number.parseFloat(((await shown(page, figure)) ?? '').replaceAll(',', ''));
const toPart = (page, part) => page.getByRole('link', { name: part }).click();
const accountRow = (page, name) => page.locator(`[data-account="${name}"]`);
/** What the server answers to whoever has this token. */
const statusOf = async (token) => (await fetch(`${server.url}/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status;

test('the figures follow what happens, a restart of the server included', async (t) => {
  const { page, reports } = await openOps(t);
  await eventually(async () => (await shown(page, 'sends')) === '0/s', 'a rate of nothing');
  const writer = await server.person('writer');
  let isWriting = true;
  t.after(() => { isWriting = false; });
  const writing = (async () => {
    for (let i = 0; isWriting; i++) {
      await writer.say('@operator', `message ${i}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  await eventually(async () => (await number(page, 'sends')) > 0, 'sends that are seen');
  await eventually(async () => (await number(page, 'commitMs')) > 0, 'commits that are timed');
  // Told to the operator's own client, which holds a socket.
  await eventually(async () => (await number(page, 'changed')) > 0, 'notifications that are seen');
  assert.ok((await number(page, 'connections')) >= 1);
  assert.ok((await number(page, 'diskBytes')) > 0);
  isWriting = false;
  await writing;
  const { groups } = await operator.call('GET', '/v1/groups');
  const busy = groups.find(({ kind }) => kind === 'direct');
  await page.getByRole('rowheader', { name: busy.id }).waitFor();
  await eventually(async () => (await shown(page, 'sends')) === '0/s', 'the end of the sends');
  assert.match(await page.locator('[data-figure="sends"]').textContent(), /highest [1-9]/);
  assert.match(await page.locator('[data-figure="sends"] svg').getAttribute('aria-label'), /^Sends in the last five minutes: now 0\/s, between 0\/s and [1-9]/);

  await server.kill();
  await page.getByText(/^No figures since \d\d:\d\d\. The server can't be reached/).waitFor();
  await server.run();
  await page.locator('[data-watch="live"]').waitFor();
  assert.equal(await shown(page, 'sends'), '–');
  await eventually(async () => (await shown(page, 'sends')) === '0/s', 'the rate of the new life');
  const everything = await page.locator('.tiles').allTextContents();
  assert.ok(everything.every((text) => !/-\d/.test(text)), 'no rate is negative');
  assert.deepEqual(reports, []);
});

test('nothing is read while nobody looks', async (t) => {
  const { page } = await open(t);
  await page.clock.install();
  await signIn(page, 'operator', `${server.url}/ops`);
  await page.locator('[data-watch="live"]').waitFor();
  let readings = 0;
  page.on('request', (request) => { readings += request.url().endsWith('/v1/ops/figures') ? 1 : 0; });
  const answered = () => page.waitForResponse((response) => response.url().endsWith('/v1/ops/figures'));
  const look = (state) => page.evaluate((visibility) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => visibility });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
  await Promise.all([answered(), page.clock.runFor(2_100)]);
  assert.ok(readings > 0);
  await look('hidden');
  // One may be on its way.
  await page.clock.runFor(2_100);
  readings = 0;
  await page.clock.runFor(60_000);
  assert.equal(readings, 0);
  await Promise.all([answered(), look('visible')]);
});

test('a key is shown once, works, and is refused when it was revoked', async (t) => {
  const { context, page, reports } = await openOps(t);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await toPart(page, 'Service keys');
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Name of the service').fill('writer');
  await page.getByRole('button', { name: 'Make key' }).click();
  await page.getByText('Somebody has this name').waitFor();
  await page.getByLabel('Name of the service').fill('Weather');
  await page.getByLabel('Messages', { exact: true }).fill('20');
  await page.getByLabel('In seconds').fill('10');
  await page.getByRole('button', { name: 'Make key' }).click();
  await page.getByText('It will not be shown again').waitFor();
  await page.getByRole('button', { name: 'Copy key' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const token = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(token, /^tdg_/);
  assert.equal(await page.getByLabel('Key', { exact: true }).inputValue(), token);

  // A slip of the hand does not lose it.
  await page.keyboard.press('Escape');
  await page.mouse.click(5, 5);
  await page.getByText('It will not be shown again').waitFor();
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.ok(!(await page.content()).includes(token), 'the secret is gone from the page');

  const answer = await fetch(`${server.url}/v1/messages`, {
    method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ to: ['@operator'], text: 'Rain from four on.' }),
  });
  assert.equal(answer.status, 201);

  const rows = page.locator('[data-service="weather"] [data-key]');
  await rows.getByRole('cell', { name: '20 sends in 10 s' }).waitFor();
  await rows.getByRole('button', { name: /^Revoke key/ }).click();
  await page.getByRole('dialog').getByText('for ever').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await statusOf(token), 200);
  await rows.getByRole('button', { name: /^Revoke key/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await rows.getByText(/^revoked/).waitFor();
  await eventually(async () => (await statusOf(token)) === 401, 'the refusal of the key');
  assert.deepEqual(reports, []);
});

test('a disabled account is signed out, can not sign in, and can when it is enabled', async (t) => {
  const { page: theirs } = await open(t);
  await signUp(theirs, server.url, 'mallory');
  const { page, reports } = await openOps(t);
  await toPart(page, 'Accounts');
  await page.getByLabel('Jump to a name').fill('@Mall');
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('mallory to ').waitFor();
  await accountRow(page, 'mallory').getByRole('button', { name: 'Disable @mallory' }).click();
  await page.getByRole('dialog', { name: 'Disable @mallory?' }).getByRole('button', { name: 'Disable' }).click();
  await accountRow(page, 'mallory').getByText('disabled').waitFor();
  await theirs.getByText('You were signed out by the server').waitFor();
  const signsIn = () => fetch(`${server.url}/v1/sessions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'mallory', password: PASSWORD }) });
  assert.notEqual((await signsIn()).status, 201);

  await accountRow(page, 'mallory').getByRole('button', { name: 'Enable @mallory' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
  await accountRow(page, 'mallory').getByRole('button', { name: 'Disable @mallory' }).waitFor();
  await eventually(async () => (await signsIn()).status === 201, 'the sign-in of an enabled account');

  // Nobody can lock themselves out.
  await page.getByLabel('Jump to a name').fill('operator');
  await page.keyboard.press('Enter');
  await accountRow(page, 'operator').getByText('you', { exact: true }).waitFor();
  assert.equal(await accountRow(page, 'operator').getByRole('button').count(), 0);
  assert.deepEqual(reports, []);
});

test('who lists accounts gets from page to page and back', async (t) => {
  for (let i = 0; i < 105; i++) await operator.call('POST', '/v1/ops/services', { name: `many.${String(i).padStart(3, '0')}` });
  const { page } = await openOps(t);
  await page.goto(`${server.url}/ops/accounts`);
  await page.getByLabel('Jump to a name').fill('many');
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('many.000 to many.099').waitFor();
  await page.getByRole('button', { name: 'Next page' }).click();
  await page.getByRole('status').getByText('many.100 to ').waitFor();
  await page.getByRole('button', { name: 'Previous page' }).click();
  await page.getByRole('status').getByText('many.000 to many.099').waitFor();
  await page.getByLabel('Jump to a name').fill('no name');
  await page.keyboard.press('Enter');
  await page.getByText('No name begins like this').waitFor();
});

test('who is no operator reads what to ask for, and gets in with it', async (t) => {
  const { page, reports } = await open(t);
  await signUp(page, server.url, 'somebody');
  assert.equal(await page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => name.includes('ops_page')).length), 0);
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('dialog').getByText('Devices').waitFor();
  assert.equal(await page.getByRole('link', { name: "Open the operator's page" }).count(), 0);
  await page.goto(`${server.url}/ops`);
  await page.getByRole('heading', { name: 'This page is for operators' }).waitFor();
  await page.getByText('tidings admin account admin somebody').waitFor();
  await hasNoBarrier(page, 'refused');
  await server.admin('account', 'admin', 'somebody');
  const { session } = await server.call('POST', '/v1/sessions', { name: 'somebody', password: PASSWORD });
  await eventually(() => fetch(`${server.url}/v1/ops/figures`, { headers: { authorization: `Bearer ${session.access_token}` } }).then(({ ok }) => ok), 'the role');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.tiles').waitFor();
  await server.admin('account', 'admin', 'somebody', '--off');
  await page.getByRole('heading', { name: 'This page is for operators' }).waitFor();
  assert.deepEqual(reports, []);
});

test('who signs in with the admin role finds the way there and back', async (t) => {
  const { page } = await open(t);
  await signIn(page, 'operator');
  await page.locator('.group').first().waitFor();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('link', { name: "Open the operator's page" }).click();
  await page.locator('.tiles').waitFor();
  assert.equal(new URL(page.url()).pathname, '/ops');
  assert.match(await page.title(), /^Operator's page/);
  await page.goBack();
  await page.locator('.group').first().waitFor();
});

test('who becomes an operator while signed in finds the way there, and what is being written in the settings stays', async (t) => {
  const { page } = await open(t);
  await signUp(page, server.url, 'promoted');
  const { session } = await server.call('POST', '/v1/sessions', { name: 'promoted', password: PASSWORD });
  const elsewhere = (method, body) => server.call(method, '/v1/me', body, session.access_token);
  const toOps = page.getByRole('link', { name: "Open the operator's page" });
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('dialog').getByText('Devices').waitFor();
  assert.equal(await toOps.count(), 0);
  await page.keyboard.press('Escape');

  await server.admin('account', 'admin', 'promoted');
  await elsewhere('PATCH', { display_name: 'Renamed elsewhere' });
  await eventually(async () => (await elsewhere('GET')).admin, 'the role');
  await page.route('**/v1/me', async (route) => {
    await page.getByLabel('What you are doing').fill('half a sen');
    await route.continue();
  });
  await page.getByRole('button', { name: 'Settings' }).click();
  await toOps.waitFor();
  assert.equal(await page.getByLabel('Name that others see').inputValue(), 'Renamed elsewhere');
  assert.equal(await page.getByLabel('What you are doing').inputValue(), 'half a sen');
});

test('everything of it can be done by keyboard', async (t) => {
  const { page } = await openOps(t);
  const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '');
  const tabTo = (name) => eventually(async () => {
    if (name.test(await focused())) return true;
    await press('Tab');
    return false;
  }, `the focus on ${name}`);
  await server.person('keyboard');
  await tabTo(/^Accounts$/);
  await press('Enter');
  await accountRow(page, 'keyboard').waitFor();
  await tabTo(/^Disable @keyboard$/);
  await press('Enter');
  await page.getByRole('dialog').waitFor();
  await tabTo(/^Disable$/);
  await press('Enter');
  await accountRow(page, 'keyboard').getByText('disabled').waitFor();
  await eventually(async () => /^Enable @keyboard$/.test(await focused()), 'the focus back at its row');
  await press('Enter');
  await page.getByRole('dialog', { name: 'Enable @keyboard?' }).waitFor();
  await press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

for (const colorScheme of ['light', 'dark']) {
  test(`no barrier that axe knows on the operator's page, in ${colorScheme} colours`, async (t) => {
    const { page, reports } = await openOps(t, { colorScheme });
    await operator.say('@writer', 'so that a group is busy');
    await page.getByRole('table', { name: 'Busiest groups' }).waitFor();
    await hasNoBarrier(page, 'figures');
    await toPart(page, 'Accounts');
    await page.getByRole('table', { name: 'Accounts' }).waitFor();
    await hasNoBarrier(page, 'accounts');
    await page.getByRole('button', { name: /^Disable @/ }).first().click();
    await page.getByRole('dialog').waitFor();
    await hasNoBarrier(page, 'question');
    await page.keyboard.press('Escape');
    await toPart(page, 'Service keys');
    await page.getByRole('table', { name: 'Service keys' }).waitFor();
    await hasNoBarrier(page, 'keys');
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name of the service').fill(`axe.${colorScheme}`);
    await hasNoBarrier(page, 'new key');
    await page.keyboard.press('Enter');
    await page.getByText('It will not be shown again').waitFor();
    await hasNoBarrier(page, 'secret');
    assert.deepEqual(reports, []);
  });
}

test('it turns with the language, and fits a phone', async (t) => {
  const { page } = await openOps(t);
  await page.evaluate(() => localStorage.setItem('tidings.language', 'ar'));
  await page.reload();
  await page.getByRole('heading', { name: 'صفحة المشغّل' }).waitFor();
  await page.locator('[data-watch="live"]').waitFor();
  const { x: first } = await page.locator('.tile').first().boundingBox();
  const { x: second } = await page.locator('.tile').nth(1).boundingBox();
  assert.ok(first > second, 'the first tile is on the right');
  await hasNoBarrier(page, 'Arabic');
  await page.setViewportSize({ width: 360, height: 640 });
  for (const [part, ready] of [[0, '.tiles'], [1, '[data-account]'], [2, '[data-service]']]) {
    await page.locator('.ops-parts a').nth(part).click();
    await page.locator(ready).first().waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, ready);
    await hasNoBarrier(page, `Arabic on a phone, ${ready}`);
  }
});

/** What nobody wishes for: answers that are none, a full disk, a wrong clock, a session that ends, texts at the limit. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { composer, eventually, launch, messageWith, newDevice, PASSWORD, send, Server, signIn, signUp } from './support.mjs';

const HOUR_MS = 3_600_000;

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start('--person-sends', '1000/1', '--person-writes', '1000/1'), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const stored = (page, text) => messageWith(page, text).locator('[data-delivery="stored"]').waitFor();
const textsOf = (page, pattern) => page.evaluate((source) => [...document.querySelectorAll('.row')]
  .sort((one, other) => one.dataset.index - other.dataset.index)
  .map((row) => new RegExp(source).exec(row.textContent)?.[0]).filter(Boolean), pattern.source);

const NOT_OURS = { form: 'What answered is not a Tidings server', banner: "Something answers in the server's place" };
const BUSY = { form: 'The server is busy', banner: "The server can't answer at the moment" };
const body = (status, contentType, text) => (route) => route.fulfill({ status, contentType, body: text });

/** What stands between a device and the server and answers instead of it, and what a person is told. */
const BROKEN = {
  'the sign-in page of a network': { ...NOT_OURS, answer: body(200, 'text/html', '<!doctype html><title>Free WiFi</title><h1>Accept our terms</h1>') },
  'JSON of something else': { ...NOT_OURS, answer: body(200, 'application/json', '{"messages":"none","cursor":7,"results":[{"id":1}],"groups":{}}') },
  'half an answer': {
    ...NOT_OURS,
    answer: async (route) => {
      const response = await route.fetch();
      const text = await response.text();
      await route.fulfill({ response, body: text.slice(0, text.length / 2) });
    },
  },
  'the page of a balancer without servers': { ...BUSY, answer: body(502, 'text/html', '<h1>502 Bad Gateway</h1>') },
  'a server that is overloaded': { ...BUSY, answer: body(503, 'application/problem+json', '{"type":"/problems/unavailable","title":"Unavailable","status":503,"code":"unavailable"}') },
};

for (const [what, { answer, form, banner }] of Object.entries(BROKEN)) {
  test(`${what}: it is named, what is here stays, and what was written is sent later`, async () => {
    const { context, reports } = await newDevice(browser);
    const page = await context.newPage();
    await page.goto(server.url);
    await page.getByLabel('Name').waitFor();
    const name = `broken.${Object.keys(BROKEN).indexOf(what)}`;

    await page.route('**/v1/**', answer);
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText(form).waitFor();

    await page.unroute('**/v1/**');
    await page.keyboard.press('Enter');
    await page.locator('.message').first().waitFor();
    await send(page, 'before it');
    await stored(page, 'before it');
    const before = await textsOf(page, /Who is in for the lake|before it/);

    await page.route('**/v1/**', answer);
    await send(page, 'written meanwhile');
    await page.getByRole('status').getByText(banner).waitFor();
    assert.deepEqual(await textsOf(page, /Who is in for the lake|before it/), before);
    assert.equal(await messageWith(page, 'written meanwhile').locator('[data-delivery="waiting"], [data-delivery="sending"]').count(), 1);

    await page.unroute('**/v1/**');
    // Unless it has tried itself already.
    await page.getByRole('button', { name: 'Try now' }).click({ timeout: 2_000 }).catch(() => {});
    await stored(page, 'written meanwhile');
    await page.locator('.banner-none').waitFor({ state: 'attached' });
    assert.deepEqual(await textsOf(page, /before it|written meanwhile/), ['before it', 'written meanwhile']);
    assert.deepEqual(reports, []);
  });
}

test('a part of the app that can\'t be had any more says so, and what was typed is there after the reload', async () => {
  const { context, reports } = await newDevice(browser, { serviceWorkers: 'block' });
  const page = await context.newPage();
  const gone = (route) => route.fulfill({ status: 404, body: 'gone' });
  const isReady = page.getByRole('alert').getByText('A new version of Tidings is ready.');
  await page.route('**/assets/chat_page-*.js', gone);
  await page.goto(server.url);
  await page.getByLabel('Name').fill('after.deploy');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await isReady.waitFor();
  await page.unroute('**/assets/chat_page-*.js');
  await page.getByRole('button', { name: 'Reload' }).click();
  await page.locator('.message').first().waitFor();

  await page.route('**/assets/emoji_picker-*.js', gone);
  await composer(page).fill('half a thought');
  await page.getByRole('button', { name: 'Emoji', exact: true }).click();
  await isReady.waitFor();
  assert.equal(await composer(page).inputValue(), 'half a thought');
  await page.unroute('**/assets/emoji_picker-*.js');
  await page.getByRole('button', { name: 'Reload' }).click();
  await page.locator('.message').first().waitFor();
  assert.equal(await composer(page).inputValue(), 'half a thought');
  await page.locator('[data-trust="complete"]').waitFor();

  // A fault of the app itself: the time beside the mark can't be said any more.
  await page.evaluate(() => {
    Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', { get() { throw new Error('a fault'); } });
    document.querySelector('[aria-label="Search in this conversation"]').click();
  });
  await page.getByRole('heading', { name: 'Something went wrong in this page' }).waitFor();
  await page.getByRole('button', { name: 'Reload' }).click();
  await page.locator('.message').first().waitFor();
  assert.equal(await composer(page).inputValue(), 'half a thought');
  assert.deepEqual(reports, []);
});

/** In the page: why the browser keeps nothing more, if so. */
function whyNotKept() {
  return new Promise((resolve) => {
    const opening = indexedDB.open('probe', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('things');
    opening.onerror = () => resolve(opening.error.name);
    opening.onsuccess = () => {
      const writing = opening.result.transaction('things', 'readwrite');
      writing.objectStore('things').put('thing', 1);
      writing.oncomplete = () => resolve(opening.result.close());
      writing.onabort = () => resolve(opening.result.close() ?? writing.error.name);
    };
  });
}

test('a full disk is said, costs nothing that was written, and is asked about before the page is closed', async () => {
  const { context, reports } = await newDevice(browser);
  const first = await context.newPage();
  await signUp(first, server.url, 'full');
  await send(first, 'kept on the disk');
  await stored(first, 'kept on the disk');
  await first.close();
  // Somebody who comes back, and finds the disk full. The browser looks for room when it opens the database; it closes it
  // some seconds after nobody uses it any more.
  const page = await context.newPage();
  await page.goto(`${server.url}/icon.svg`);
  const inspector = await context.newCDPSession(page);
  await inspector.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize: 1 });
  await eventually(async () => {
    await page.waitForTimeout(3_000);
    return (await page.evaluate(whyNotKept)) === 'QuotaExceededError';
  }, 'a full disk');
  await page.goto(server.url);
  await messageWith(page, 'kept on the disk').waitFor();
  await send(page, 'more than fits '.repeat(600));
  await stored(page, 'more than fits');
  await page.getByText('This device is full').waitFor();
  await send(page, 'and another');
  await stored(page, 'and another');

  // What waits and is kept nowhere: leaving asks first.
  await context.setOffline(true);
  await send(page, 'only in this page');
  await messageWith(page, 'only in this page').getByText('Waiting').waitFor();
  const asked = new Promise((resolve) => page.once('dialog', (dialog) => dialog.dismiss().then(() => resolve(dialog.type()))));
  await page.close({ runBeforeUnload: true });
  assert.equal(await asked, 'beforeunload');
  await context.setOffline(false);
  await stored(page, 'only in this page');

  // When there is room again, all of it is there after a reload.
  await inspector.send('Storage.overrideQuotaForOrigin', { origin: server.url });
  await page.reload();
  await messageWith(page, 'only in this page').waitFor();
  assert.deepEqual(await textsOf(page, /kept on the disk|more than fits|and another|only in this page/), ['kept on the disk', 'more than fits', 'and another', 'only in this page']);
  await page.locator('.banner-none').waitFor({ state: 'attached' });
  assert.deepEqual(reports, []);
});

/** In the page, before anything else: its clock is wrong. */
function setClockWrong(by) {
  const Right = Date;
  window.Date = class extends Right {
    constructor(...parts) {
      if (parts.length === 0) super(Right.now() + by);
      else super(...parts);
    }

    static now() {
      return Right.now() + by;
    }
  };
}

for (const [hours, name] of [[2, 'ahead'], [-2, 'behind']]) {
  test(`with a clock that is two hours ${name}, messages stand where they were said and say when that was`, async () => {
    const wrong = await server.person(`wrong.${name}`);
    const right = await server.person(`right.${name}`);
    const group = await wrong.call('POST', '/v1/groups', { name: 'clocks', members: [`@${right.user.name}`] });
    const { context, reports } = await newDevice(browser);
    await context.addInitScript(setClockWrong, hours * HOUR_MS);
    const page = await context.newPage();
    await signIn(page, server.url, wrong.user.name);
    await page.getByRole('link', { name: /clocks/ }).click();
    await composer(page).waitFor();
    assert.ok(Math.abs(await page.evaluate(() => Date.now()) - Date.now() - hours * HOUR_MS) < HOUR_MS / 2, 'the clock of the page is wrong');

    const said = ['one, by a right clock', 'two, by a wrong clock', 'three, by a right clock', 'four, by a wrong clock'];
    for (const [index, text] of said.entries()) {
      if (index % 2 === 0) await right.say(group.id, text);
      else await send(page, text);
      await messageWith(page, text).waitFor();
      if (index % 2 === 1) await stored(page, text);
    }
    // Without a network nobody can ask for the time.
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await context.setOffline(true);
    await page.reload();
    await messageWith(page, 'four').waitFor();
    await send(page, 'five, from the tunnel');
    await messageWith(page, 'five').waitFor();
    await context.setOffline(false);
    await stored(page, 'five');
    await right.say(group.id, 'six, by a right clock');
    await messageWith(page, 'six').waitFor();

    const all = ['one', 'two', 'three', 'four', 'five', 'six'];
    assert.deepEqual(await textsOf(page, /one|two|three|four|five|six/), all);
    const { messages } = await right.call('GET', `/v1/groups/${group.id}/messages`);
    assert.deepEqual(messages.map((message) => message.text.split(',')[0]), all);
    for (const { text, sent_at: at } of messages) assert.ok(Math.abs(Date.parse(at) - Date.now()) < HOUR_MS / 2, `${text} was said at ${at}`);
    await page.getByText('The clock of this device is wrong; Tidings corrects it.').waitFor();
    assert.deepEqual(reports, []);
  });
}

test('a session that is ended on another device is said so, and what waits is sent after signing in again', async () => {
  const person = await server.person('revoked');
  const other = await server.person('bystander');
  const group = await person.call('POST', '/v1/groups', { name: 'the others', members: ['@bystander'] });
  const { context, reports } = await newDevice(browser);
  const page = await context.newPage();
  await signIn(page, server.url, 'revoked');
  await page.getByRole('link', { name: /the others/ }).click();
  await send(page, 'before the end');
  await stored(page, 'before the end');
  await page.route('**/v1/messages/*', (route) => route.abort());
  await send(page, 'first that waits');
  await send(page, 'second that waits');
  await messageWith(page, 'second that waits').getByText('Waiting').waitFor();
  await composer(page).fill('a draft');

  const { sessions } = await person.call('GET', '/v1/sessions');
  await person.call('DELETE', `/v1/sessions/${sessions.find((session) => !session.current).id}`);
  await page.getByText('You were signed out by the server. Your messages are still here: sign in to go on.').waitFor();
  await page.unroute('**/v1/messages/*');
  assert.equal(await page.getByLabel('Name').inputValue(), 'revoked');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');

  await stored(page, 'first that waits');
  await stored(page, 'second that waits');
  assert.equal(await composer(page).inputValue(), 'a draft');
  const { messages } = await other.call('GET', `/v1/groups/${group.id}/messages`);
  assert.deepEqual(messages.map((message) => message.text), ['before the end', 'first that waits', 'second that waits']);
  assert.deepEqual(reports, []);
});

test('signing out asks first while something was not sent, and leads the next person home', async () => {
  const person = await server.person('leaver');
  const group = await person.call('POST', '/v1/groups', { name: 'left behind' });
  const { context, reports } = await newDevice(browser);
  const page = await context.newPage();
  await signIn(page, server.url, 'leaver');
  await page.getByRole('link', { name: /left behind/ }).click();
  await page.route('**/v1/messages/*', (route) => route.abort());
  for (const text of ['waits here', 'waits here too']) await send(page, text);
  await messageWith(page, 'waits here too').getByText('Waiting').waitFor();
  await page.getByRole('link', { name: /left behind/ }).getByText('2 waiting to be sent').waitFor();

  const signOut = page.getByRole('dialog').getByRole('button', { name: 'Sign out', exact: true }).last();
  const question = page.getByText('2 messages or changes were not sent and are on this device only.');
  await page.getByRole('button', { name: 'Settings' }).click();
  await signOut.click();
  await question.waitFor();
  await page.getByRole('button', { name: 'Stay and send' }).click();
  await question.waitFor({ state: 'detached' });
  await page.unroute('**/v1/messages/*');
  await stored(page, 'waits here too');
  const { messages } = await person.call('GET', `/v1/groups/${group.id}/messages`);
  assert.deepEqual(messages.map((message) => message.text), ['waits here', 'waits here too']);

  // What the server has needs no question; what it has not got is lost by whoever says so.
  await page.route('**/v1/messages/*', (route) => route.abort());
  await page.keyboard.press('Escape');
  await send(page, 'given up');
  await messageWith(page, 'given up').getByText('Waiting').waitFor();
  await page.getByRole('button', { name: 'Settings' }).click();
  await signOut.click();
  await page.getByRole('button', { name: 'Sign out and lose what was not sent' }).click();
  await page.locator('.sign-in').waitFor();
  await eventually(() => new URL(page.url()).pathname === '/', 'the address of nobody');
  await page.unroute('**/v1/messages/*');
  await page.getByRole('button', { name: 'I am new here' }).click({ timeout: 2_000 }).catch(() => {});
  await page.getByLabel('Name').fill('next.one');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await messageWith(page, 'Hello, next.one!').waitFor();
  await page.getByRole('button', { name: 'Settings' }).click();
  await signOut.click();
  await page.locator('.sign-in').waitFor();
  assert.deepEqual(reports, []);
});

test('a text at the limit is sent whole; one character more is counted and stays in the composer', async () => {
  const { context, reports } = await newDevice(browser);
  const page = await context.newPage();
  await signUp(page, server.url, 'long.winded');
  // Characters as people count them: each of these is two units of UTF-16.
  const limit = '𝒳'.repeat(10_000);
  await composer(page).fill(`${limit}𝒳`);
  await page.getByText('1 character too many').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled(), true);
  await composer(page).press('Enter');
  assert.equal(await composer(page).inputValue(), `${limit}𝒳`);
  await composer(page).fill(limit);
  await page.getByText('0 characters left').waitFor();
  await composer(page).press('Enter');
  await stored(page, '𝒳𝒳𝒳');
  const marks = `e${'\u0301'.repeat(5_000)}`;
  await send(page, marks);
  await stored(page, marks);
  await send(page, 'said after them');
  await stored(page, 'said after them');
  // Neither one runs out of its place.
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth || [...document.querySelectorAll('.row')].some((row) => row.scrollWidth > row.clientWidth + 1)), false);
  assert.deepEqual(reports, []);
});

test('script in every field that a person can fill in stays text', async () => {
  const { context, reports } = await newDevice(browser);
  const page = await context.newPage();
  page.on('dialog', (dialog) => { reports.push(`a script ran: ${dialog.message()}`); void dialog.dismiss(); });
  const script = '<img src=x onerror=alert(1)>';
  const quiet = '"><script>alert(2)</script>';
  await signUp(page, server.url, 'fields');
  await server.call('POST', '/v1/sessions', { name: 'fields', password: PASSWORD, device: script });

  await page.getByRole('button', { name: 'Settings' }).click();
  const settings = page.getByRole('dialog', { name: 'Settings' });
  await settings.getByText(script).waitFor();
  // This one was never named: it signed up.
  await settings.locator('.member', { hasText: 'this one' }).getByText('Chrome on Linux').waitFor();
  await settings.getByLabel('Name that others see').fill(script);
  await settings.getByLabel('What you are doing').fill(quiet);
  await settings.getByRole('button', { name: 'Save', exact: true }).click();
  await settings.getByRole('button', { name: 'Saved', exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.own').getByText(script).waitFor();

  await page.getByRole('button', { name: 'New conversation' }).click();
  await page.getByLabel('Name of the group').fill(quiet);
  await page.getByLabel('Name of the person').fill(script);
  await page.getByRole('button', { name: 'Open conversation' }).click();
  await page.getByRole('alert').getByText(/./).first().waitFor();
  await page.getByRole('button', { name: 'Make group' }).click();
  await page.getByRole('heading', { name: quiet }).waitFor();
  await page.getByRole('button', { name: 'Details and members' }).click();
  await page.getByLabel('What it is about').fill(script);
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');

  for (const text of [script, quiet]) {
    await send(page, text);
    await stored(page, text);
  }
  await messageWith(page, script).focus();
  await messageWith(page, script).getByRole('button', { name: 'Reply' }).click();
  await send(page, `about that: ${quiet}`);
  await stored(page, 'about that');
  await page.getByLabel('Find a conversation').fill(script);
  await page.getByText('No conversation has this name.').waitFor();
  await page.getByRole('button', { name: 'Search in this conversation' }).click();
  await page.getByLabel('Search what is loaded').fill(script);
  await page.getByText('1 message found').waitFor();
  await composer(page).fill(script);
  await page.reload();
  await messageWith(page, 'about that').waitFor();
  assert.equal(await composer(page).inputValue(), script);
  assert.equal(await page.locator('img[src="x"], script:not([src])').count(), 0);
  assert.deepEqual(reports, []);
});

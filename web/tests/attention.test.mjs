/** What comes while nobody looks: counted, heard, announced as far as that was asked for, and marked where it begins. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { composer, eventually, launch, messageWith, newDevice, send, Server, signIn } from './support.mjs';

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start('--person-sends', '1000/1', '--person-writes', '1000/1'), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Two people in a group, and one of them at a device of hers. `prepare` comes before the page. */
async function pair(name, prepare = async () => {}) {
  const reader = await server.person(`${name}.reader`);
  const writer = await server.person(`${name}.writer`);
  await writer.call('PATCH', '/v1/me', { display_name: 'Wilma Writer' });
  const group = await reader.call('POST', '/v1/groups', { name, members: [`@${writer.user.name}`] });
  await writer.say(group.id, 'read before');
  const { context, reports } = await newDevice(browser);
  await prepare(context);
  const page = await context.newPage();
  await signIn(page, server.url, reader.user.name);
  // The demo group greets with a message of its own.
  await page.getByRole('link', { name: /The lake/ }).click();
  await messageWith(page, 'Hello, ').waitFor();
  await page.getByRole('link', { name: new RegExp(`^${name} `) }).click();
  await messageWith(page, 'read before').waitFor();
  await eventually(async () => (await page.title()) === 'Tidings', 'a title without a count');
  return { page, context, reports, group, reader, writer };
}

// A browser without windows has none to look away from: the page is told what a window would tell it.
const lookAway = (page) => page.evaluate(() => {
  document.hasFocus = () => false;
  dispatchEvent(new Event('blur'));
});
const lookAgain = (page) => page.evaluate(() => {
  delete document.hasFocus;
  dispatchEvent(new Event('focus'));
});

/** The texts below the "New" line, and whether there is one. */
const newSince = (page) => page.evaluate(() => {
  const rows = [...document.querySelectorAll('.row')].sort((one, other) => one.dataset.index - other.dataset.index);
  const from = rows.findIndex((row) => row.querySelector('.new'));
  return from < 0 ? undefined : rows.slice(from).map((row) => row.querySelector('.message-body').textContent);
});

test('what comes while one looks elsewhere is counted in the title, heard, announced, and begins with a line', async () => {
  const { page, context, reports, group, reader, writer } = await pair('away', async (own) => {
    await own.grantPermissions(['notifications'], { origin: server.url });
    await own.addInitScript(() => {
      window.tones = [];
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (...when) {
        window.tones.push(this.frequency.value);
        return start.apply(this, when);
      };
    });
  });
  const announced = () => page.evaluate(async () => {
    const worker = await navigator.serviceWorker.ready;
    return (await worker.getNotifications()).map(({ title, body, tag, data }) => ({ title, body, tag, data }));
  });
  const heard = () => page.evaluate(() => window.tones.length);
  const say = async (text) => {
    await writer.say(group.id, text);
    await messageWith(page, text).waitFor();
  };

  // Nobody has asked for it yet.
  await lookAway(page);
  await say('before it was asked for');
  assert.deepEqual([await heard(), await announced()], [0, []]);
  await lookAgain(page);
  await eventually(async () => (await page.title()) === 'Tidings', 'a title without a count');
  await send(page, 'an answer, which ends what was new');
  await eventually(async () => (await newSince(page)) === undefined, 'no line');

  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByLabel('Sound when a message arrives').check();
  const notifications = page.getByLabel('Notifications of this browser');
  await notifications.click(); // it is checked when the browser has said yes
  await eventually(async () => await notifications.isChecked(), 'notifications allowed');
  await page.keyboard.press('Escape');
  await say('while one looks');
  assert.deepEqual([await heard(), await announced()], [0, []]);

  await lookAway(page);
  for (const text of ['missed 1', 'missed 2', 'missed 3']) await say(text);
  await eventually(async () => (await page.title()) === '(3) Tidings', 'the count in the title');
  assert.deepEqual(await newSince(page), ['missed 1', 'missed 2', 'missed 3']);
  await eventually(async () => (await heard()) === 6, 'two tones for each');
  // The newest of a conversation takes the place of those before.
  await eventually(async () => (await announced())[0]?.body === 'missed 3', 'a notification');
  assert.deepEqual(await announced(), [{ title: 'Wilma Writer', body: 'missed 3', tag: group.id, data: `/g/${group.id}` }]);

  await lookAgain(page);
  await eventually(async () => (await page.title()) === 'Tidings', 'a title without a count');
  assert.deepEqual(await newSince(page), ['missed 1', 'missed 2', 'missed 3']);
  const unread = async () => (await reader.call('GET', '/v1/status?with=unread')).groups.find(({ id }) => id === group.id).unread;
  await eventually(async () => (await unread()) === 0, 'the server to know that it was read');
  await context.close();
  assert.deepEqual(reports, []);
});

test('a browser that refuses notifications is not asked in vain: the page says where to allow them', async () => {
  const { page, reports } = await pair('denied');
  await page.getByRole('button', { name: 'Settings' }).click();
  const choice = page.getByLabel('Notifications of this browser');
  await choice.click();
  await page.getByRole('alert').getByText('The browser refuses them. Allow them in its settings for this site.').waitFor();
  assert.equal(await choice.isChecked(), false);
  assert.deepEqual(reports, []);
});

test('for who comes back to a closed page, the line stands where the missed ones begin', async () => {
  const { page, context, reports, group, writer } = await pair('back');
  const address = page.url();
  await page.close();
  for (const text of ['missed 1', 'missed 2', 'missed 3']) await writer.say(group.id, text);
  const again = await context.newPage();
  await again.goto(address);
  await messageWith(again, 'missed 3').waitFor();
  await eventually(async () => JSON.stringify(await newSince(again)) === '["missed 1","missed 2","missed 3"]', 'the line');
  // What comes while one looks is no part of it, but moves nothing.
  await writer.say(group.id, 'live');
  await messageWith(again, 'live').waitFor();
  assert.deepEqual(await newSince(again), ['missed 1', 'missed 2', 'missed 3', 'live']);
  assert.deepEqual(reports, []);
});

test('a conversation that is not open counts in the list and in the title until it is read', async () => {
  const { page, reports, group, writer } = await pair('elsewhere');
  await page.getByRole('link', { name: /The lake/ }).click();
  await composer(page).waitFor();
  await eventually(async () => (await page.title()) === 'Tidings', 'a title without a count');
  await writer.say(group.id, 'one');
  await writer.say(group.id, 'two');
  await page.getByRole('link', { name: /^elsewhere / }).getByText('2 unread messages').waitFor();
  await eventually(async () => (await page.title()) === '(2) Tidings', 'the count in the title');
  await page.getByRole('link', { name: /^elsewhere / }).click();
  await messageWith(page, 'two').waitFor();
  await eventually(async () => (await page.title()) === 'Tidings', 'a title without a count');
  assert.deepEqual(await newSince(page), ['one', 'two']);
  assert.deepEqual(reports, []);
});

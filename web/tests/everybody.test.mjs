/** For everybody: by keyboard alone, from right to left, by ear, and whatever others send. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hasNoBarrier } from './axe.mjs';
import { composer, eventually, launch, messageWith, newDevice, PASSWORD, send, Server, signUp } from './support.mjs';

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start('--person-sends', '1000/1', '--person-writes', '1000/1'), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

for (const colorScheme of ['light', 'dark']) {
  test(`no barrier that axe knows, in ${colorScheme} colours`, async () => {
    const { context, reports } = await newDevice(browser, { colorScheme });
    const page = await context.newPage();
    await page.goto(server.url);
    await page.getByLabel('Name').waitFor();
    await hasNoBarrier(page, 'sign-up');
    await signUp(page, server.url, `axe.${colorScheme}`);
    await send(page, 'A message of my own, with `code` and a [link](https://example.org).');
    await page.locator('[data-delivery="stored"]').first().waitFor();
    await messageWith(page, 'A message of my own').focus();
    await hasNoBarrier(page, 'conversation');
    await messageWith(page, 'A message of my own').getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).waitFor();
    await hasNoBarrier(page, 'menu');
    await page.keyboard.press('Escape');
    await page.locator('[data-trust="complete"]').click();
    await page.getByText('Is anything missing?').waitFor();
    await hasNoBarrier(page, 'trust');
    await page.keyboard.press('Escape');
    for (const [button, title] of [['Details and members', 'Group'], ['New conversation', 'New conversation'], ['Settings', 'Settings']]) {
      await page.getByRole('button', { name: button }).click();
      const dialog = page.getByRole('dialog', { name: title });
      await dialog.waitFor();
      await eventually(async () => (await dialog.locator('.member').count()) > 0 || button === 'New conversation', 'the list');
      await hasNoBarrier(page, button);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
    }
    await composer(page).pressSequentially('@');
    await page.getByRole('listbox', { name: 'People to mention' }).waitFor();
    await hasNoBarrier(page, 'offers');
    await composer(page).fill('');
    await page.getByRole('button', { name: 'Emoji' }).click();
    await page.getByLabel('Search emoji').fill('rocket');
    await page.getByRole('gridcell', { name: 'rocket' }).waitFor();
    await page.keyboard.press('Enter');
    assert.match(await composer(page).inputValue(), /🚀/u);
    assert.deepEqual(reports, []);
  });
}

test('everything can be done by keyboard', async () => {
  const { context } = await newDevice(browser);
  const page = await context.newPage();
  const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent);
  const isOnMessage = (text) => eventually(async () => (await messageWith(page, text).evaluate((row) => row === document.activeElement)), `the focus on ${text}`);
  const tabTo = (name, key = 'Tab') => eventually(async () => {
    if (name.test((await focused()) ?? '')) return true;
    await page.keyboard.press(key);
    return false;
  }, `the focus on ${name}`);

  await page.goto(server.url);
  await page.getByLabel('Name').waitFor();
  await page.keyboard.type('keys');
  await press('Tab');
  await page.keyboard.type(PASSWORD);
  await press('Enter');
  await page.locator('.message').first().waitFor();

  await tabTo(/Message to/);
  await page.keyboard.type('typed without a mouse');
  await press('Enter');
  await messageWith(page, 'typed without a mouse').locator('[data-delivery="stored"]').waitFor();
  await messageWith(page, 'That was on the disk').waitFor();

  // Up through the messages, and a reaction on the way.
  await press('Shift+Tab');
  await isOnMessage('That was on the disk');
  await press('ArrowUp');
  await isOnMessage('typed without a mouse');
  await press('Tab', 'Enter');
  await messageWith(page, 'typed without a mouse').locator('.reaction', { hasText: '👍' }).waitFor();

  // The last message is edited from the empty composer.
  await tabTo(/Message to/);
  await press('ArrowUp');
  await page.keyboard.type(', and edited');
  await press('Enter');
  await messageWith(page, 'typed without a mouse, and edited').waitFor();

  // A group is made, found and left.
  await tabTo(/New conversation/, 'Shift+Tab');
  await press('Enter');
  await page.getByRole('dialog').waitFor();
  await tabTo(/^$/);
  await page.getByLabel('Name of the group').focus();
  await page.keyboard.type('made by keys');
  await press('Enter');
  await page.getByRole('heading', { name: 'made by keys' }).waitFor();
  await press('Control+k');
  await page.keyboard.type('lake');
  await press('ArrowDown', 'Enter');
  await page.getByRole('heading', { name: 'The lake on Saturday' }).waitFor();
});

test('Back closes what is in front of the page, and the focus is where one goes on', async () => {
  const { context, reports } = await newDevice(browser);
  const page = await context.newPage();
  await signUp(page, server.url, 'back.and.forth');
  const isWriting = () => eventually(() => composer(page).evaluate((it) => it === document.activeElement), 'the focus in the composer');
  const dialog = page.getByRole('dialog');
  const titled = (name) => page.getByRole('heading', { name, level: 1 }).waitFor();
  await page.getByRole('button', { name: 'New conversation' }).click();
  await page.getByLabel('Name of the group').fill('second place');
  await page.keyboard.press('Enter');
  await titled('second place');
  await isWriting();
  await page.getByRole('link', { name: /The lake/ }).click();
  await titled('The lake on Saturday');
  await isWriting();

  // Whether it is closed by Back or by a button, one press of Back later one is where one was before.
  for (const close of [() => page.goBack(), () => page.keyboard.press('Escape')]) {
    await page.getByRole('button', { name: 'Settings' }).click();
    await dialog.waitFor();
    await eventually(() => page.evaluate(() => history.state?.dialogs === 1), 'an entry of its own');
    await close();
    await dialog.waitFor({ state: 'detached' });
    await eventually(() => page.evaluate(() => history.state?.dialogs === undefined), 'the entry of the page');
    await titled('The lake on Saturday');
  }
  // A reload closes it, and leaves no entry behind.
  await page.getByRole('button', { name: 'Details and members' }).click();
  await eventually(() => page.evaluate(() => history.state?.dialogs === 1), 'an entry of its own');
  await page.reload();
  await titled('The lake on Saturday');
  await eventually(() => page.evaluate(() => history.state?.dialogs === undefined), 'the entry of the page');
  await page.goBack();
  await titled('second place');

  await page.getByRole('button', { name: 'Search in this conversation' }).click();
  await page.getByRole('searchbox', { name: /^Search/ }).press('Escape');
  await eventually(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label') === 'Search in this conversation'), 'the focus on what opened the search');

  // What a dialog leads to takes its place in the history.
  await page.getByRole('button', { name: 'New conversation' }).click();
  await page.getByLabel('Name of the group').fill('third place');
  await page.keyboard.press('Enter');
  await titled('third place');
  await page.goBack();
  await titled('second place');
  assert.deepEqual(reports, []);
});

test('what can not be undone is asked about, and the focus stays near', async () => {
  await server.person('to.be.removed');
  const { context, reports } = await newDevice(browser);
  const page = await context.newPage();
  await signUp(page, server.url, 'careful');
  const focused = (look, what) => eventually(() => page.evaluate(look), what);
  await page.getByRole('button', { name: 'New conversation' }).click();
  await page.getByLabel('Name of the group').fill('for two');
  await page.getByLabel('Who is in it').fill('to.be.removed');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'for two' }).waitFor();
  await send(page, 'long and precious');
  const row = messageWith(page, 'long and precious');
  await row.locator('[data-delivery="stored"]').waitFor();
  const toDelete = async () => {
    await row.focus();
    await row.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await row.getByText('Delete this message for everybody?').waitFor();
    await focused(() => document.activeElement?.textContent === 'Cancel', 'the focus on the safe answer');
  };
  await toDelete();
  await hasNoBarrier(page, 'question');
  await page.keyboard.press('Enter');
  await row.getByText('Delete this message for everybody?').waitFor({ state: 'detached' });
  await focused(() => document.activeElement?.textContent.includes('long and precious'), 'the focus on the message');
  await toDelete();
  await row.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('This message was deleted.').waitFor();
  await focused(() => document.activeElement?.textContent.includes('This message was deleted.'), 'the focus on what was the message');

  await page.getByRole('button', { name: 'Details and members' }).click();
  const remove = page.getByRole('button', { name: 'Remove to.be.removed' });
  await remove.click();
  await page.getByText('Remove to.be.removed from this group?').waitFor();
  await page.keyboard.press('Enter');
  await focused(() => document.activeElement?.getAttribute('aria-label') === 'Remove to.be.removed', 'the focus on the button');
  await remove.click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('dialog').getByRole('heading', { name: '1 member' }).waitFor();
  await focused(() => document.activeElement?.textContent === '1 member', 'the focus on who is left');
  assert.deepEqual(reports, []);
});

test('another language turns the page round', async () => {
  const { context } = await newDevice(browser, { locale: 'ar' });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByLabel('الاسم').fill('rtl');
  await page.getByLabel('كلمة المرور').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.locator('.message').first().waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.dir + document.documentElement.lang), 'rtlar');
  const { x: list } = await page.locator('.sidebar').boundingBox();
  const { x: open } = await page.locator('.main').boundingBox();
  assert.ok(list > open, 'the list is on the right');
  // A message keeps the direction of its own words.
  const direction = (text) => messageWith(page, text).locator('.message-body p').first().evaluate((it) => getComputedStyle(it).direction);
  assert.equal(await direction('Who is in for the lake'), 'ltr');
  assert.equal(await direction('أنا معكم'), 'rtl');
  // Names in Latin script stand beside their pictures all the same, and so does what the empty composer says.
  const fromTheRight = (selector) => page.locator(selector).first().evaluate((it) => {
    const words = document.createRange();
    words.selectNodeContents(it);
    return it.getBoundingClientRect().right - words.getBoundingClientRect().right;
  });
  // So do what they say, and in lists the two names of somebody.
  await page.getByRole('button', { name: 'التفاصيل والأعضاء' }).click();
  await page.locator('.member').nth(1).waitFor();
  for (const name of ['.member-name bdi', '.member-name .hint']) assert.ok((await fromTheRight(name)) < 2, `${name} is on the right`);
  await page.keyboard.press('Escape');
  const said = messageWith(page, 'Who is in for the lake').locator('.message-body p').first();
  assert.ok((await said.evaluate((it) => {
    const words = document.createRange();
    words.selectNodeContents(it);
    return it.closest('.message-main').querySelector('.message-head').getBoundingClientRect().right - words.getBoundingClientRect().right;
  })) < 2, 'what is said stands beside its author');
  for (const name of ['.conversation-title h1', '.group-name']) assert.ok((await fromTheRight(name)) < 2, `${name} is on the right`);
  assert.equal(await page.locator('.composer textarea').evaluate((it) => getComputedStyle(it).direction), 'rtl');
  await hasNoBarrier(page, 'Arabic');
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
});

test('hostile texts stay texts', async () => {
  const { context, reports } = await newDevice(browser);
  const page = await context.newPage();
  page.on('dialog', (dialog) => reports.push(`a script ran: ${dialog.message()}`));
  await signUp(page, server.url, 'target');
  const script = '<img src=x onerror=alert(1)><script>alert(2)</script>';
  const sender = await server.person('sender');
  await sender.call('PATCH', '/v1/me', { display_name: `${script.slice(0, 40)}\u202e` });
  const group = await sender.call('POST', '/v1/groups', { name: `${script}\u202eevil`, description: script, members: ['@target'] });
  const texts = [
    'x'.repeat(10_000), `e${'\u0301'.repeat(5_000)}`, '\u202eright to left override', script, '[click](javascript:alert(3))', 'javascript:alert(4)',
    '[x](data:text/html,<script>alert(5)</script>)', '<a href="javascript:alert(6)">x</a>', `${'['.repeat(5_000)}`, '|a|b|\n|-|-|\n|<b>1</b>|2|', '\n'.repeat(300) + 'after many lines',
  ];
  for (const text of texts) await sender.say(group.id, text);
  await sender.say(group.id, 'the last of them', { links: ['https://example.org/%3Cscript%3E'], metadata: { html: script } });
  await page.getByRole('link', { name: /evil/ }).click();
  await messageWith(page, 'the last of them').waitFor();
  await page.getByRole('button', { name: 'Details and members' }).click();
  await page.getByRole('dialog').locator('.member').first().waitFor();
  await page.keyboard.press('Escape');

  await page.evaluate(() => document.querySelector('[data-testid="scroller"]').scrollTo(0, 0));
  await messageWith(page, 'xxxxxxxxxx').first().waitFor();
  const state = await page.evaluate(() => ({
    links: [...document.querySelectorAll('.message a')].map((a) => a.protocol).filter((protocol) => !/^https?:$/.test(protocol)),
    foreign: document.querySelectorAll('.message img, .message script, .message style, .message iframe').length,
    wide: document.documentElement.scrollWidth > innerWidth || [...document.querySelectorAll('.row')].some((row) => row.scrollWidth > row.clientWidth + 1),
  }));
  assert.deepEqual(state, { links: [], foreign: 0, wide: false });
  // The override in a name ends with the name.
  await hasNoBarrier(page, 'hostile');
  assert.deepEqual(reports, []);
});

test('a phone shows one thing at a time', async () => {
  const { context } = await newDevice(browser, { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByLabel('Name').fill('phone');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: /The lake/ }).tap();
  await messageWith(page, 'Hello, phone!').waitFor();
  await page.locator('[data-trust="complete"]').waitFor();
  assert.ok((await page.locator('.conversation-head').boundingBox()).height < 72, 'the head is one name and one line');
  const { height: line } = await composer(page).boundingBox();
  await composer(page).evaluate((it) => { it.placeholder = 'Message to '.repeat(9); it.style.height = 'auto'; it.style.height = `${it.scrollHeight}px`; });
  assert.equal((await composer(page).boundingBox()).height, line, 'what the empty composer says is one line');
  // What can be done to a message leaves its author and time in sight.
  await page.locator('.message-first').last().tap();
  const bar = await page.locator('.actions').boundingBox();
  const head = await page.locator('.message-head').last().boundingBox();
  assert.ok(bar.y + bar.height <= head.y + 1, 'above the author');
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
  await hasNoBarrier(page, 'phone');
  await page.getByRole('button', { name: 'Back to conversations' }).tap();
  await page.getByRole('link', { name: /The lake/ }).waitFor();
});

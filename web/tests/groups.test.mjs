/** How people come together: a link to a public group, and a name that is called out. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { composer, launch, messageWith, newDevice, PASSWORD, send, Server, signIn, signUp } from './support.mjs';

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start('--person-sends', '1000/1', '--person-writes', '1000/1'), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function newPage(options) {
  const { context, reports } = await newDevice(browser, options);
  return { page: await context.newPage(), reports };
}

test('a public group is made, its link leads somebody new through sign-up into it, and both write', async () => {
  const owner = await newPage();
  await signUp(owner.page, server.url, 'owner');
  await owner.page.getByRole('button', { name: 'New conversation' }).click();
  await owner.page.getByLabel('Name of the group').fill('Open water');
  await owner.page.getByLabel('Anybody who has the link may join').check();
  await owner.page.getByRole('button', { name: 'Make group' }).click();
  await owner.page.getByRole('heading', { name: 'Open water' }).waitFor();
  await send(owner.page, 'Who comes along?');
  await owner.page.getByRole('button', { name: 'Details and members' }).click();
  const link = await owner.page.getByLabel('Link for others').inputValue();
  await owner.page.keyboard.press('Escape');

  const guest = await newPage();
  await guest.page.goto(link);
  await guest.page.getByLabel('Name').fill('guest');
  await guest.page.getByLabel('Password').fill(PASSWORD);
  await guest.page.keyboard.press('Enter');
  const dialog = guest.page.getByRole('dialog', { name: 'Join a public group' });
  await dialog.getByRole('heading', { name: 'Open water' }).waitFor();
  await dialog.getByText('1 member').waitFor();
  await dialog.getByRole('button', { name: 'Join', exact: true }).click();
  await messageWith(guest.page, 'Who comes along?').waitFor();
  assert.equal(new URL(guest.page.url()).pathname, new URL(link).pathname.replace('/join/', '/g/'));
  await guest.page.getByText('2 members').waitFor();
  await send(guest.page, 'I do!');
  await messageWith(owner.page, 'I do!').waitFor();
  assert.deepEqual([...owner.reports, ...guest.reports], []);
});

test('a link that leads nowhere says so, and so does a name of nobody', async () => {
  const hidden = await server.person('hidden');
  const group = await hidden.call('POST', '/v1/groups', { name: 'not for all' });
  const { page, reports } = await newPage();
  await signUp(page, server.url, 'stranger');
  const paste = async (text) => {
    await page.getByRole('button', { name: 'New conversation' }).click();
    await page.getByLabel('Link or id of the group').fill(text);
    await page.getByRole('dialog').getByRole('button', { name: 'Join', exact: true }).click();
  };
  await page.getByRole('button', { name: 'New conversation' }).click();
  await page.getByLabel('Name of the group').fill('with ghosts');
  await page.getByLabel('Who is in it').fill('hidden, no.ghost @nobody');
  await page.getByRole('button', { name: 'Make group' }).click();
  await page.getByRole('alert').getByText('Nobody is called: @no.ghost @nobody').waitFor();
  await page.keyboard.press('Escape');
  await paste('https://example.org/cats');
  await page.getByText('This is not a link to a group.').waitFor();
  await page.keyboard.press('Escape');
  await paste(`${server.url}/join/${group.id}`);
  await page.getByText('There is no such group, or you are not in it.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Join', exact: true }).isDisabled(), true);
  await page.keyboard.press('Escape');
  await page.locator('.message').first().waitFor();
  assert.deepEqual(reports, []);
});

test('where nothing can be said, or nothing was yet, the page says so', async () => {
  const editor = await server.person('editor');
  await editor.call('POST', '/v1/groups', { name: 'News', post: 'moderators', members: [`@${(await server.person('subscriber')).user.name}`] });
  const { page, reports } = await newPage();
  await signIn(page, server.url, 'subscriber');
  await page.getByRole('link', { name: /^News/ }).click();
  await page.getByText('Only moderators write here.').waitFor();
  assert.equal(await composer(page).count(), 0);

  const other = await newPage();
  await signIn(other.page, server.url, 'editor');
  await other.page.locator('[data-connection="connected"]').waitFor();
  await page.getByRole('button', { name: 'New conversation' }).click();
  await page.getByLabel('Name of the person').fill('editor');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Nothing was said yet' }).waitFor();
  await send(page, 'Hello, editor');
  await messageWith(page, 'Hello, editor').locator('[data-delivery="stored"]').waitFor();
  // Who was online a while ago may not be: without a network nobody is said to be.
  const presence = page.locator('.conversation-sub').getByText('online', { exact: true });
  await presence.waitFor();
  await page.context().setOffline(true);
  await presence.waitFor({ state: 'detached' });
  await page.context().setOffline(false);
  await presence.waitFor();

  await page.goto(`${server.url}/g/01234567-89ab-7def-8123-456789abcdef`);
  await page.getByText('There is no such group, or you are not in it.').waitFor();
  assert.equal(await composer(page).count(), 0);
  await page.getByRole('link', { name: 'Back to conversations' }).click();
  await page.locator('.message').first().waitFor();
  assert.deepEqual(reports, []);
});

test('a new device calls people by their names in the list, before anything of theirs is opened', async () => {
  const reader = await server.person('new.device');
  const writer = await server.person('w.riter');
  await writer.call('PATCH', '/v1/me', { display_name: 'Wanda Riter' });
  const group = await writer.call('POST', '/v1/groups', { name: 'many', members: ['@new.device'] });
  await writer.say('@new.device', 'only for you');
  await writer.say(group.id, 'for all of us');
  await reader.say(group.id, 'and mine');
  await writer.say(group.id, 'the last word');
  // So narrow that nothing is opened by itself.
  const { page, reports } = await newPage({ viewport: { width: 400, height: 700 } });
  await signIn(page, server.url, 'new.device');
  await page.locator('a.group', { hasText: 'only for you' }).getByText('Wanda Riter').waitFor();
  await page.locator('a.group', { hasText: 'Wanda Riter: the last word' }).waitFor();
  assert.deepEqual(reports, []);
});

test('an @ offers people by either of their names; whoever is chosen is called', async () => {
  const anna = await server.person('anna');
  const zoe = await server.person('zoe.b');
  const omar = await server.person('omar');
  await omar.call('PATCH', '/v1/me', { display_name: 'Zorba the Swimmer' });
  const group = await anna.call('POST', '/v1/groups', { name: 'callers', members: ['@zoe.b', '@omar'] });
  await omar.say(group.id, 'hello both');

  const called = await newPage();
  await signIn(called.page, server.url, 'zoe.b');
  await called.page.getByRole('link', { name: /The lake/ }).click();
  const { page, reports } = await newPage();
  await signIn(page, server.url, 'anna');
  await page.getByRole('link', { name: /callers/ }).click();
  await messageWith(page, 'hello both').waitFor();
  await page.getByText('3 members').waitFor();

  const offers = page.getByRole('listbox', { name: 'People to mention' });
  const chosen = () => offers.locator('[aria-selected="true"]').textContent();
  // Not oneself, and not in the middle of a word.
  await composer(page).pressSequentially('mail@zo');
  assert.equal(await offers.count(), 0);
  await composer(page).fill('');
  await composer(page).pressSequentially('Come, @');
  await offers.waitFor();
  assert.equal(await offers.getByRole('option').count(), 2);
  await composer(page).pressSequentially('zo');
  assert.deepEqual((await offers.getByRole('option').allTextContents()).sort(), ['Zorba the Swimmer @omar', 'zoe.b @zoe.b']);
  while (!(await chosen()).includes('@zoe.b')) await composer(page).press('ArrowDown');
  await composer(page).press('Enter');
  await offers.waitFor({ state: 'detached' });
  assert.equal(await composer(page).inputValue(), 'Come, @zoe.b ');

  // Escape puts the offers away and keeps the text; a pointer chooses as well.
  await composer(page).pressSequentially('and @o');
  await offers.waitFor();
  await composer(page).press('Escape');
  await offers.waitFor({ state: 'detached' });
  await composer(page).press('Backspace');
  await composer(page).press('Backspace');
  await composer(page).pressSequentially('@om');
  await offers.getByRole('option').click();
  assert.equal(await composer(page).inputValue(), 'Come, @zoe.b and @omar ');
  await composer(page).press('Enter');
  await messageWith(page, 'Come, ').locator('[data-delivery="stored"]').waitFor();
  assert.deepEqual(await messageWith(page, 'Come, ').locator('.mention').allTextContents(), ['@zoe.b', '@omar']);

  // Who is called sees it in the list, and in the message.
  await called.page.getByText('1 mention of you').waitFor();
  await called.page.getByRole('link', { name: /callers/ }).click();
  await called.page.locator('.message-mentions', { hasText: 'Come, ' }).waitFor();
  await called.page.getByText('1 mention of you').waitFor({ state: 'detached' });
  assert.deepEqual([...reports, ...called.reports], []);
});

test('a person is blocked and unblocked, and an account is ended, each after a question', async () => {
  const pest = await server.person('pest');
  const { page, reports } = await newPage();
  await signUp(page, server.url, 'patient');
  await pest.say('@patient', 'Buy now!');
  await page.getByRole('link', { name: /^pest / }).click();
  await page.getByRole('button', { name: 'About this person' }).click();
  await page.getByRole('button', { name: 'Block', exact: true }).click();
  await page.getByText('Block pest?').waitFor();
  await page.getByRole('button', { name: 'Yes' }).click();
  await page.getByText('pest is blocked.').waitFor();
  await assert.rejects(pest.say('@patient', 'Buy two!'), /not-accepted/);
  await page.getByRole('button', { name: 'Unblock' }).click();
  await page.getByText('pest is not blocked.').waitFor();
  await pest.say('@patient', 'Sorry.');
  await page.keyboard.press('Escape');
  await messageWith(page, 'Sorry.').waitFor();

  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Delete my account' }).click();
  await page.getByRole('button', { name: 'Delete for ever' }).click();
  await page.locator('.sign-in').waitFor();
  await assert.rejects(server.call('POST', '/v1/sessions', { name: 'patient', password: PASSWORD }), /bad-credentials/);
  assert.deepEqual(reports, []);
});

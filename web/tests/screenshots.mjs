/** Shows the app in its main states: `node tests/screenshots.mjs` writes the pictures of docs/screenshots anew. To be looked at. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, messageWith, newDevice, PASSWORD, send, Server } from './support.mjs';

const FOLDER = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '../../docs/screenshots');
const WIDE = { viewport: { width: 1100, height: 720 } };
const PHONE = { viewport: { width: 390, height: 763 }, hasTouch: true, isMobile: true };

const [server, browser] = await Promise.all([Server.start(), launch()]);

/** Somebody new, in the demo group. */
async function open(name, options, [nameField, passwordField] = ['Name', 'Password']) {
  const { context } = await newDevice(browser, { reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByLabel(nameField).fill(name);
  await page.getByLabel(passwordField).fill(PASSWORD);
  await page.keyboard.press('Enter');
  if (options === PHONE) await page.getByRole('link', { name: /The lake/ }).tap();
  await messageWith(page, 'Hello, ').last().waitFor();
  await page.locator('[data-trust="complete"]').waitFor();
  // Until they are looked up, people go by the names they signed up with.
  await page.waitForFunction(() => ![...document.querySelectorAll('.message-author')].some((name) => name.textContent.startsWith('demo.')));
  return { page, context };
}

async function keep(page, name) {
  // A caret blinks, and what has just come settles in the next frames.
  await page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));
  await page.screenshot({ path: join(FOLDER, `${name}.png`), caret: 'hide' });
  console.log(name);
}

async function talked(page) {
  await send(page, 'Count me in! See you on **platform 4**.');
  await messageWith(page, 'That was on the disk').waitFor();
  await messageWith(page, 'Count me in').locator('[data-delivery="stored"]').waitFor();
}

try {
  await mkdir(FOLDER, { recursive: true });
  const light = await open('anna', { ...WIDE, colorScheme: 'light' });
  await talked(light.page);
  await keep(light.page, 'light');

  const dark = await open('bruno', { ...WIDE, colorScheme: 'dark' });
  await dark.page.locator('[data-trust="complete"]').click();
  await dark.page.getByRole('button', { name: 'Compare now' }).click();
  await dark.page.getByText(/from the beginning/).waitFor();
  await keep(dark.page, 'dark');

  const phone = await open('cara', PHONE);
  await keep(phone.page, 'phone');

  const turned = await open('dina', { ...WIDE, locale: 'ar' }, ['الاسم', 'كلمة المرور']);
  await keep(turned.page, 'right-to-left');

  const offline = await open('emil', WIDE);
  await offline.context.setOffline(true);
  for (const text of ['In the tunnel now', 'This can wait', 'So can this']) await send(offline.page, text);
  await offline.page.getByText('Offline, 3 waiting').waitFor();
  await messageWith(offline.page, 'So can this').getByText('Waiting').waitFor();
  await keep(offline.page, 'offline');
} finally {
  await browser.close();
  await server.stop();
}

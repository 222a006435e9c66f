/** What the tests of the app stand on: a real server in a directory of its own, and a real browser. */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const PROGRAM = process.env.TIDINGS ?? join(ROOT, 'build/release/tidings');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const PASSWORD = 'correct horse battery';
// A machine may be busy with something else; what does not come at all is the failure.
const PATIENCE_MS = 90_000;

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Resolves with the first value of `look` that is not falsy. */
export async function eventually(look, what = 'it', patienceMs = PATIENCE_MS) {
  const until = performance.now() + patienceMs;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (performance.now() > until) throw new Error(`${what} did not happen within ${patienceMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export class Server {
  static async start(...flags) {
    const server = new Server();
    server.directory = await mkdtemp(join(tmpdir(), 'tidings-web-'));
    server.flags = flags;
    [server.port, server.adminPort] = [await freePort(), await freePort()];
    await server.run();
    return server;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async run() {
    const flags = ['--data', join(this.directory, 'data'), '--listen', `127.0.0.1:${this.port}`, '--admin-listen', `127.0.0.1:${this.adminPort}`];
    this.process = spawn(PROGRAM, ['serve', '--web', join(ROOT, 'build/web'), '--demo', 'on', '--log-level', 'warn', ...flags, ...this.flags], { stdio: 'inherit' });
    const isReady = () => fetch(`http://127.0.0.1:${this.adminPort}/readyz`).then((answer) => answer.ok, () => false);
    await eventually(isReady, 'the server');
  }

  /** What somebody does who holds the machine: `tidings admin …`. */
  async admin(...words) {
    await promisify(execFile)(PROGRAM, ['admin', ...words, '--data', join(this.directory, 'data')]);
  }

  /** As a power cut of the process: no goodbye. */
  async kill() {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL');
    await ended;
  }

  async stop() {
    if (this.process.exitCode === null && this.process.signalCode === null) await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** A plain call of the API. */
  async call(method, path, body, token) {
    for (;;) {
      const answer = await fetch(this.url + path, {
        method, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      });
      const decoded = answer.status === 204 ? {} : await answer.json();
      if (answer.ok) return decoded;
      if (answer.status !== 429) throw new Error(`${method} ${path}: ${answer.status} ${decoded.code} ${decoded.detail ?? JSON.stringify(decoded.errors)}`);
      await new Promise((resolve) => setTimeout(resolve, decoded.retry_after_ms));
    }
  }

  /** Somebody who talks to the API directly. */
  async person(name) {
    const { user, session } = await this.call('POST', '/v1/accounts', { name, password: PASSWORD });
    const call = (method, path, body) => this.call(method, path, body, session.access_token);
    const say = (to, text, more = {}) => call('POST', '/v1/messages', { to: [to], text, ...more });
    return { user, session, call, say };
  }
}

/** A UUIDv7 of that moment; the server writes the author's tag. */
export function mint(timeMs) {
  const hex = Math.floor(timeMs).toString(16).padStart(12, '0');
  const random = () => Math.floor(Math.random() * 0x10000).toString(16).padStart(4, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${random().slice(1)}-8${random().slice(1)}-${random()}${random()}${random()}`;
}

/** A reader and a writer in a group called `name`; `say` writes into it, now or as of another time. */
export async function pair(server, name) {
  const reader = await server.person(`${name}.reader`);
  const writer = await server.person(`${name}.writer`);
  const group = await reader.call('POST', '/v1/groups', { name, members: [`@${writer.user.name}`] });
  const say = (text, at = Date.now()) => writer.call('PUT', `/v1/messages/${mint(at)}`, { to: [group.id], text });
  return { reader, say };
}

const BROWSER = { executablePath: CHROMIUM, args: ['--no-sandbox', '--lang=en-GB'] };
const SCREEN = { viewport: { width: 1200, height: 800 }, locale: 'en-GB', timezoneId: 'Europe/Berlin' };

export function launch() {
  return chromium.launch(BROWSER);
}

/** A device: a browser profile with nothing in it. Whatever breaks the page's policy is kept in `reports`. */
export async function newDevice(browser, options = {}) {
  return watched(await browser.newContext({ ...SCREEN, ...options }));
}

/** A device that is switched off by closing its context, and on again with the same directory: a browser process of its own. */
export async function switchOn(directory) {
  return watched(await chromium.launchPersistentContext(directory, { ...BROWSER, ...SCREEN }));
}

async function watched(context) {
  context.setDefaultTimeout(PATIENCE_MS);
  const reports = [];
  context.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Trusted/i.test(message.text())) reports.push(message.text());
  });
  context.on('weberror', (error) => reports.push(String(error.error())));
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => console.error('Content Security Policy', event.violatedDirective, event.blockedURI, event.sample));
  });
  return { context, reports };
}

/** Signs somebody new up, as a person does, and waits for the first group. */
export async function signUp(page, url, name) {
  await page.goto(url);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.locator('.message').first().waitFor();
}

/** Signs in somebody who has an account. */
export async function signIn(page, url, name) {
  await page.goto(url);
  await page.getByRole('button', { name: 'I have an account' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
}

export const composer = (page) => page.getByRole('textbox', { name: /Message to/ });

export async function send(page, text) {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

export const messageWith = (page, text) => page.locator('.row', { hasText: text });

/** To the newest message, which has this text: one begins where the unread begin, or there when that was not known yet. */
export async function toNewest(page, text) {
  await eventually(async () => {
    if (await messageWith(page, text).isVisible()) return true;
    await page.locator('.pill-below').click({ timeout: 500 }).catch(() => {});
    return false;
  }, 'the newest message');
}

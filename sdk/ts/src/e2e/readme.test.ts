import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { createClient } from '../client.js';
import { PROGRAM, Server } from '../testing/server.js';
import { until } from '../testing/until.js';
import { shownTexts } from '../testing/world.js';

const PACKAGE = new URL('../../', import.meta.url);

test('the bot of the README answers', { skip: PROGRAM ? false : 'TIDINGS names no program' }, async () => {
  const readme = await readFile(new URL('README.md', PACKAGE), 'utf8');
  const source = /```js\n([\s\S]*?)```/.exec(readme)?.[1];
  assert.ok(source);
  // Inside the package, so that its own name resolves to it.
  const file = new URL(`dist/readme-bot-${process.pid}.mjs`, PACKAGE);
  const server = await Server.start();
  const alice = createClient({ url: server.url, storage: 'memory' });
  await writeFile(file, source);
  const env = { ...process.env, TIDINGS_URL: server.url, TIDINGS_KEY: await server.service('echo') };
  const bot = spawn(process.execPath, [file.pathname], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(createInterface(bot.stdout), 'line')) as [string];
    assert.equal(line, 'I am @echo. Write to me.');
    await alice.signUp('alice', 'correct horse battery');
    const conversation = alice.open(await alice.groups.direct('@echo'));
    await conversation.send({ text: 'hello' });
    const seen = await until(conversation, ({ entries }) => entries.length === 2);
    assert.deepEqual(shownTexts(seen), ['hello', 'You said: hello']);
    const ended = once(bot, 'exit');
    bot.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  } finally {
    bot.kill('SIGKILL');
    await alice.close();
    await server.stop();
    await rm(file, { force: true });
  }
});

/** An hour's worth of traffic in one tab, as fast as it goes; what the tab holds is printed as it grows. `node tests/soak.mjs` */
import { memoryOf } from './figures.mjs';
import { launch, messageWith, newDevice, pair, Server, signIn } from './support.mjs';

const MESSAGES = Number(process.argv[2] ?? 36_000);
const STEP = 3_000;
const much = '100000/1';

const [server, browser] = await Promise.all([Server.start('--person-sends', much, '--person-reads', much, '--person-writes', much), launch()]);
try {
  const { reader, say } = await pair(server, 'soak');
  await say('the beginning');
  const { context } = await newDevice(browser);
  const page = await context.newPage();
  await signIn(page, server.url, reader.user.name);
  await page.getByRole('link', { name: /^soak / }).click();
  await messageWith(page, 'the beginning').waitFor();
  const tell = async (count) => {
    const { heapMb, processMb } = await memoryOf(page);
    console.log(`${String(count).padStart(6)} messages: script ${heapMb.toFixed(1)} MB, process ${processMb.toFixed(1)} MB`);
  };
  await tell(0);
  for (let from = 0; from < MESSAGES; from += STEP) {
    // No faster than the page follows, else it would be told of a gap instead.
    for (let part = 0; part < STEP; part += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, k) => say(`message ${from + part + k}. ${'Some words of a message. '.repeat(k % 7)}`)));
      await say(`end of ${from + part}.`);
      await messageWith(page, `end of ${from + part}.`).waitFor({ timeout: 120_000 });
    }
    await tell(from + STEP);
  }
} finally {
  await browser.close();
  await server.stop();
}

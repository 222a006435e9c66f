/** Takes the picture of the operator's page in docs/screenshots: node tests/ops_picture.mjs FILE. Runs for five minutes, because the graphs show as much. */
import { launch, newDevice, PASSWORD, Server } from './support.mjs';

const [, , file = 'ops.png'] = process.argv;
const LOOK_MS = 5 * 60_000;
const NAMES = ['alice', 'bob', 'carol', 'dana', 'emil', 'fatima', 'goro', 'hana'];

const server = await Server.start('--person-sends', '1000/1', '--person-writes', '1000/1');
const browser = await launch();
try {
  const people = await Promise.all(NAMES.map((name) => server.person(name)));
  const group = (owner, name, members) => owner.call('POST', '/v1/groups', { name, members: members.map((member) => `@${member}`) });
  const groups = [await group(people[0], 'The lake on Saturday', NAMES.slice(1)), await group(people[1], 'Night shift', NAMES.slice(4)), await group(people[2], 'Choir', ['dana', 'hana'])];
  await server.admin('account', 'admin', 'alice');
  const { context } = await newDevice(browser, { viewport: { width: 1280, height: 760 } });
  const page = await context.newPage();
  await page.goto(`${server.url}/ops`);
  await page.getByRole('button', { name: 'I have an account' }).click();
  await page.getByLabel('Name').fill('alice');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.locator('.tiles').waitFor();

  // A talk that swells and ebbs: as many messages a second as the wave is high.
  let isTalking = true;
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const talk = async ({ id, members }, wave, share) => {
    while (isTalking) {
      const height = share * (1.15 + Math.sin((Date.now() / 1000) * (2 * Math.PI / wave)));
      await pause(1000 / Math.max(0.1, height));
      await members[Math.floor(Math.random() * members.length)].say(id, 'Who brings the bread?');
    }
  };
  const talks = [
    talk({ id: groups[0].id, members: people }, 110, 8), talk({ id: groups[1].id, members: [people[1], ...people.slice(4)] }, 47, 3), talk({ id: groups[2].id, members: [people[2]] }, 80, 1),
  ];
  await Promise.race([pause(LOOK_MS), ...talks]);
  await page.screenshot({ path: file });
  isTalking = false;
  await Promise.all(talks);
} finally {
  await browser.close();
  await server.stop();
}

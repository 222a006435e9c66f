// Bob's client: Node's own fetch, a clock of his own, and an outbox. Reads one JSON command a line, answers each with one.
import { createHash, randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

const [url, clockErrorMs] = [process.argv[2], Number(process.argv[3])];
const myClock = () => Date.now() + clockErrorMs;
let token, userId, correctionMs = 0;
const outbox = [];

async function call(method, path, body) {
  const response = await fetch(url + path, {
    method,
    headers: { ...(body && { 'Content-Type': 'application/json' }), ...(token && { Authorization: `Bearer ${token}` }) },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  const answer = text ? JSON.parse(text) : {};
  const serverTime = answer.server_time ?? answer.session?.server_time;
  if (serverTime) correctionMs = Date.parse(serverTime) - myClock();
  return { status: response.status, ...answer };
}

// The time goes in when the text is committed, corrected by what the server last said.
function mint() {
  const id = Buffer.concat([Buffer.alloc(6), randomBytes(6), Buffer.alloc(4)]);
  id.writeUIntBE(myClock() + correctionMs, 0, 6);
  id[6] = (id[6] & 0x0f) | 0x70;
  id[8] = (id[8] & 0x3f) | 0x80;
  const user = Buffer.from(userId.replaceAll('-', ''), 'hex');
  createHash('sha256').update(user).update(id.subarray(0, 12)).digest().copy(id, 12, 0, 4);
  return id.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

const commands = {
  async sign_up({ name, password }) {
    const answer = await call('POST', '/v1/accounts', { name, password });
    [token, userId] = [answer.session.access_token, answer.user.id];
    return answer;
  },
  async write({ to, text }) {  // commits the text; nothing is sent yet
    outbox.push({ id: mint(), to, text });
    return { id: outbox.at(-1).id };
  },
  async flush() {  // sends all that waits, in order; what has no definite answer stays
    const answers = [];
    while (outbox.length) {
      const { id, to, text } = outbox[0];
      const answer = await call('PUT', `/v1/messages/${id}`, { to: [to], text });
      if (answer.status >= 500) throw new Error(`status ${answer.status}`);
      if (answer.status === 429) {
        await setTimeout(answer.retry_after_ms);
        continue;
      }
      answers.push(answer);
      outbox.shift();
    }
    return { answers };
  },
  call: ({ method, path, body }) => call(method, path, body),
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  let answer;
  try {
    answer = await commands[command.op](command);
  } catch (error) {
    answer = { error: String(error.cause?.code ?? error) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The built program; tests of the whole are skipped without it. */
export const PROGRAM = process.env['TIDINGS'];

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A real `tidings serve` in a directory of its own, on free ports, stopped by its own process. */
export class Server {
  private process?: ChildProcess;

  private constructor(
    private readonly directory: string,
    readonly port: number,
    private readonly adminPort: number,
  ) {}

  static async start(): Promise<Server> {
    const server = new Server(await mkdtemp(join(tmpdir(), 'tidings-sdk-')), await freePort(), await freePort());
    await server.start();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const limits = ['--person-sends', '1000000/10', '--person-reads', '1000000/10', '--person-writes', '1000000/10'];
    const addresses = ['--listen', `127.0.0.1:${this.port}`, '--admin-listen', `127.0.0.1:${this.adminPort}`];
    const child = spawn(PROGRAM!, ['serve', '--data', this.data, ...addresses, ...limits], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    this.process = child;
    for (let tries = 0; tries < 1_000; tries++) {
      if (child.exitCode !== null) throw new Error(`serve ended with ${child.exitCode}:\n${said}`);
      const ready = await fetch(`http://127.0.0.1:${this.adminPort}/readyz`).catch(() => undefined);
      if (ready?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`serve was not ready:\n${said}`);
  }

  /** As a power cut of the process: no goodbye. */
  async kill(): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** A service account's key. */
  async service(name: string): Promise<string> {
    const words = ['admin', 'service', 'create', name, '--rate', '1000000/10', '--data', this.data];
    const { stdout } = await promisify(execFile)(PROGRAM!, words);
    const key = stdout.split(/\s+/).find((word) => word.startsWith('tdg_'));
    if (!key) throw new Error(`no key in: ${stdout}`);
    return key;
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  private get data(): string {
    return join(this.directory, 'data');
  }
}

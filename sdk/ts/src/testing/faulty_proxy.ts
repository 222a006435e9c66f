import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Random } from '../base/random.js';

/** Each a chance between 0 and 1, a call or, for sockets, a chunk. */
export interface ProxyFaults {
  /** The connection is cut before the call, or before its answer. */
  readonly cut: number;
  readonly delay: number;
  /** The call is made twice; the second answer counts. */
  readonly twice: number;
}

/** Stands between clients and a real server, and breaks things by seed. */
export class FaultyProxy {
  faults: ProxyFaults = { cut: 0, delay: 0, twice: 0 };
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly target: () => number,
    private readonly random: Random,
  ) {
    this.server = createServer(
      (request, response) => void this.pass(request, response).catch(() => response.destroy()),
    );
    this.server.on('upgrade', (request, socket: Socket, head: Buffer) => this.tunnel(request, socket, head));
  }

  static async start(target: () => number, random: Random): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(target, random);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    const address = this.server.address();
    return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private happens(chance: number): boolean {
    return this.random.fraction() < chance;
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    if (this.happens(this.faults.cut / 2)) return void response.destroy();
    if (this.happens(this.faults.delay)) await pause(this.random.fraction() * 300);
    let answer = await this.forward(request, body);
    if (this.happens(this.faults.twice)) answer = await this.forward(request, body);
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (this.happens(this.faults.delay)) await pause(this.random.fraction() * 300);
    if (this.happens(this.faults.cut / 2)) return void response.destroy();
    const headers = [...answer.headers].filter(
      ([name]) => !['connection', 'content-length', 'transfer-encoding'].includes(name),
    );
    response.writeHead(answer.status, Object.fromEntries(headers));
    response.end(bytes);
  }

  private forward(request: IncomingMessage, body: Buffer): Promise<Response> {
    const { authorization, 'content-type': type } = request.headers;
    return fetch(`http://127.0.0.1:${this.target()}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { ...(authorization && { authorization }), ...(type && { 'content-type': type }) },
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    });
  }

  private tunnel(request: IncomingMessage, client: Socket, head: Buffer): void {
    const server = connect(this.target(), '127.0.0.1');
    const ends = [client, server];
    const cut = () => ends.forEach((socket) => socket.destroy());
    for (const socket of ends) {
      this.sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        this.sockets.delete(socket);
        cut();
      });
    }
    const lines = request.rawHeaders.flatMap((name, i, all) => (i % 2 === 0 ? [`${name}: ${all[i + 1]}`] : []));
    server.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    server.write(head);
    this.copy(client, server, cut);
    this.copy(server, client, cut);
  }

  // In order, so a delayed chunk delays those behind it.
  private copy(from: Socket, to: Socket, cut: () => void): void {
    let before = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      if (this.happens(this.faults.cut)) return cut();
      const wait = this.happens(this.faults.delay) ? this.random.fraction() * 300 : 0;
      before = before.then(() => pause(wait)).then(() => void to.write(chunk));
    });
  }
}

function pause(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}

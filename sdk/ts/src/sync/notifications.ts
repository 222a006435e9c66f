import { Backoff } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';
import type { Random } from '../base/random.js';
import type { OpenSocket, Socket } from '../platform/web_socket.js';
import type { GroupId } from '../public/ids.js';
import { decodeFrame } from '../wire/decode.js';

/** What the socket tells. */
export interface NotificationListener {
  /** Authenticated and present: what happens from now on is told. Pull now. */
  hello(pollMs: number): void;
  changed(groups: readonly GroupId[]): void;
  recheck(): void;
  /** It is closed, or could not be opened. Told again with each attempt that fails. */
  lost(): void;
}

const HELLO_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 15_000;
const CLOSED_BY_AUTHENTICATION = 4401;

/**
 * Keeps the notification socket open. It carries no data: whatever it loses, a poll finds. So it may simply be opened
 * anew, after a wait that grows and differs from client to client.
 */
export class Notifications {
  private socket?: Socket;
  private running = false;
  private said = false;
  private cancelTimers: (() => void)[] = [];
  private readonly backoff: Backoff;

  constructor(
    private readonly url: string,
    private readonly open: OpenSocket,
    private readonly token: (refused?: string) => Promise<string>,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly listener: NotificationListener,
  ) {
    this.backoff = new Backoff(random, 1_000, 60_000);
  }

  get isOpen(): boolean {
    return this.said;
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.look();
    void this.connect();
  }

  stop(): void {
    this.running = false;
    this.drop();
    for (const cancel of this.cancelTimers.splice(0)) cancel();
  }

  /** The network may be back: waits no longer. */
  wake(): void {
    if (!this.running || this.socket || this.cancelRetry === undefined) return;
    this.backoff.reset();
    this.cancelRetry();
    delete this.cancelRetry;
    void this.connect();
  }

  private cancelRetry?: () => void;

  private async connect(refused?: string): Promise<void> {
    let token: string;
    let socket: Socket;
    try {
      token = await this.token(refused);
      if (!this.running || this.socket) return;
      socket = this.open(`${this.url.replace(/^http/, 'ws')}/v1/notifications`, 'tidings.v1');
    } catch {
      return this.retry(this.backoff.next());
    }
    this.socket = socket;
    let after: number | undefined;
    const cancelHello = this.clock.after(HELLO_WITHIN_MS, () => socket.close());
    socket.onopen = () => socket.send(JSON.stringify({ type: 'auth', access_token: token }));
    socket.onmessage = ({ data }) => {
      if (socket !== this.socket) return;
      const frame = decodeFrame(data);
      switch (frame?.type) {
        case 'hello':
          cancelHello();
          this.backoff.reset();
          this.said = true;
          return this.listener.hello(frame.pollMs);
        case 'changed':
          socket.send(JSON.stringify({ type: 'ack', n: frame.n }));
          return this.listener.changed(frame.groups);
        case 'recheck':
          return this.listener.recheck();
        case 'bye':
          after = frame.reconnectAfterMs;
          return;
        case undefined:
          return;
      }
    };
    socket.onclose = ({ code }) => {
      cancelHello();
      if (socket !== this.socket) return;
      this.lose();
      const wait = after === undefined ? this.backoff.next() : after * (1 + this.random.fraction());
      this.retry(wait, code === CLOSED_BY_AUTHENTICATION ? token : undefined);
    };
  }

  private retry(ms: number, refused?: string): void {
    if (!this.running) return;
    this.cancelRetry?.();
    this.cancelRetry = this.clock.after(ms, () => {
      delete this.cancelRetry;
      void this.connect(refused);
    });
  }

  // A machine that slept has a socket that looks open and is not; its timers tell.
  private look(): void {
    const began = this.clock.now();
    const cancel = this.clock.after(LOOK_EVERY_MS, () => {
      this.cancelTimers = this.cancelTimers.filter((other) => other !== cancel);
      if (!this.running) return;
      if (this.clock.now() - began > 3 * LOOK_EVERY_MS && this.socket) {
        this.drop();
        this.retry(0);
      }
      this.look();
    });
    this.cancelTimers.push(cancel);
  }

  private drop(): void {
    const socket = this.socket;
    this.lose();
    this.cancelRetry?.();
    delete this.cancelRetry;
    socket?.close();
  }

  private lose(): void {
    delete this.socket;
    this.said = false;
    if (this.running) this.listener.lost();
  }
}

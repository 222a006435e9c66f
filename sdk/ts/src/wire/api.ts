import { Cell } from '../base/cell.js';
import { type Clock, pause } from '../base/clock.js';
import type { ServerClock } from '../base/server_clock.js';
import type { Tabs } from '../platform/tabs.js';
import { ProblemError } from '../public/problem.js';
import type { SessionState } from '../public/session.js';
import type { LocalData } from '../store/local_data.js';
import type { Meta, StoredSession } from '../store/records.js';
import { decodeMe, decodeSession, decodeSignedIn } from './decode.js';
import { type Answer, type Call, decoded, type Http } from './http.js';
import type { Bucket, RateLimits } from './rate_limits.js';

/** An access token is renewed when it has less than this to live. */
const RENEW_BEFORE_MS = 60_000;

/** Calls in the name of who is signed in: holds the session, keeps its tokens fresh, and says when it has ended. */
export class Api {
  readonly session = new Cell<SessionState>({ state: 'starting' });
  private serviceKey?: string;
  private refreshing?: Promise<string>;

  constructor(
    private readonly http: Http,
    private readonly local: LocalData,
    private readonly tabs: Tabs,
    private readonly clock: Clock,
    private readonly serverClock: ServerClock,
    private readonly limits: RateLimits,
    private readonly device: string | undefined,
  ) {}

  /** Says what the store holds; also after another tab has changed it. */
  showSession(): void {
    const { me, session, signedOut } = this.local.meta;
    const before = this.session.get();
    if (me && (session || this.serviceKey !== undefined)) {
      if (before.state === 'signed-in' && before.me === me && before.sessionId === session?.id) return;
      this.session.set({ state: 'signed-in', me, ...(session && { sessionId: session.id }) });
    } else {
      const reason = signedOut ?? 'never-signed-in';
      if (before.state === 'signed-out' && before.reason === reason) return;
      this.session.set({ state: 'signed-out', reason, ...(me && { lastName: me.name }) });
    }
  }

  get isSignedIn(): boolean {
    return this.session.get().state === 'signed-in';
  }

  /** The server's clock, as well as it is known. */
  get serverNow(): number {
    return this.serverClock.now();
  }

  /** The id of who is signed in, or was. */
  get myId(): string | undefined {
    return this.local.meta.me?.id;
  }

  /**
   * One call, its bucket waited for. An answer that comes when somebody else is signed in is not passed on; whoever keeps
   * what it tells commits to the epoch in which it was asked.
   */
  async call(call: Omit<Call, 'token'>, bucket: Bucket = 'read'): Promise<Answer> {
    const { epoch } = this.local;
    const answer = await this.callAsNow(call, bucket);
    if (!this.isSignedIn || this.local.epoch !== epoch) throw signedOut();
    return answer;
  }

  private async callAsNow(call: Omit<Call, 'token'>, bucket: Bucket): Promise<Answer> {
    const wait = this.limits.waitMs(bucket);
    if (wait > 0) await pause(this.clock, wait, call.signal);
    const token = await this.token();
    try {
      return await this.http.call({ ...call, token });
    } catch (error) {
      if (!isRefusedToken(error)) throw error;
    }
    const renewed = await this.renew(token);
    try {
      return await this.http.call({ ...call, token: renewed });
    } catch (error) {
      if (isRefusedToken(error)) await this.end('ended-by-server');
      throw error;
    }
  }

  async signUp(name: string, password: string, displayName?: string): Promise<void> {
    const body = { name, password, ...(displayName !== undefined && { display_name: displayName }) };
    await this.begin(await this.http.call({ method: 'POST', path: '/v1/accounts', body }));
  }

  async signIn(name: string, password: string): Promise<void> {
    const body = { name, password, ...(this.device !== undefined && { device: this.device }) };
    await this.begin(await this.http.call({ method: 'POST', path: '/v1/sessions', body }));
  }

  async signInWithKey(key: string): Promise<void> {
    const me = decoded(await this.http.call({ method: 'GET', path: '/v1/me', token: key }), decodeMe);
    await this.makeRoomFor(me.id);
    this.serviceKey = key;
    await this.local.commit({ meta: (meta) => without(meta, { me }) });
    this.showSession();
  }

  async signOut(keep: boolean): Promise<void> {
    const { session } = this.local.meta;
    const token = session && (await this.token().catch(() => undefined));
    // Here first: what is under way must find nobody signed in, rather than a session that has ended.
    await this.end('by-user', keep);
    if (token === undefined) return;
    await this.http.call({ method: 'DELETE', path: `/v1/sessions/${session!.id}`, token }).catch(() => {});
  }

  /** The profile has changed. */
  async showMe(answer: Answer): Promise<void> {
    const me = decoded(answer, decodeMe);
    await this.local.commit({ meta: (meta) => (meta.me?.id === me.id ? { ...meta, me } : meta) });
    this.showSession();
  }

  /** A good token, or a rejection: `signed-out`, or `unreachable` when it had to be renewed and could not be. */
  async token(): Promise<string> {
    if (this.serviceKey !== undefined) return this.serviceKey;
    const { session } = this.local.meta;
    if (!session) throw signedOut();
    const left = session.expiresAt - this.serverClock.now();
    return left > RENEW_BEFORE_MS ? session.accessToken : this.renew(session.accessToken);
  }

  /** A token that is not `refused`. */
  renew(refused: string): Promise<string> {
    this.refreshing ??= this.tabs
      .exclusively('refresh', () => this.refresh(refused))
      .finally(() => delete this.refreshing);
    return this.refreshing;
  }

  async end(reason: 'by-user' | 'ended-by-server', keep = true): Promise<void> {
    delete this.serviceKey;
    if (!keep) await this.local.clear();
    try {
      await this.local.commit({ meta: (meta) => ({ ...without(meta, {}), signedOut: reason }) });
    } catch (error) {
      // Another tab was faster.
      if (!(error instanceof ProblemError) || error.code !== 'signed-out') throw error;
    }
    this.showSession();
  }

  private async begin(answer: Answer): Promise<void> {
    const { me, session } = decoded(answer, decodeSignedIn);
    await this.makeRoomFor(me.id);
    delete this.serviceKey;
    await this.local.commit({ meta: (meta) => without(meta, { me, session }) });
    this.showSession();
  }

  // What is kept belongs to one person; if nobody says to whom, it is to be kept from everybody.
  private async makeRoomFor(id: string): Promise<void> {
    if (this.local.meta.me?.id !== id) await this.local.clear();
  }

  private async refresh(refused: string): Promise<string> {
    if (this.serviceKey !== undefined) {
      await this.end('ended-by-server'); // a key can't be renewed
      throw signedOut();
    }
    // Another tab may have done it while this one waited.
    const { meta } = await this.local.store.start();
    const held = meta.session ?? this.local.meta.session;
    if (!held) throw signedOut();
    if (held.accessToken !== refused && held.expiresAt - this.serverClock.now() > RENEW_BEFORE_MS) {
      if (held.accessToken !== this.local.meta.session?.accessToken) await this.keep(held);
      return held.accessToken;
    }
    try {
      const body = { refresh_token: held.refreshToken };
      const session = decoded(
        await this.http.call({ method: 'POST', path: '/v1/sessions/refresh', body }),
        decodeSession,
      );
      await this.keep(session);
      if (this.local.meta.session?.id !== held.id) throw signedOut();
      return session.accessToken;
    } catch (error) {
      if (!isRefusedToken(error)) throw error;
      if (this.local.meta.session?.id === held.id) await this.end('ended-by-server');
      throw signedOut();
    }
  }

  private async keep(session: StoredSession): Promise<void> {
    const kept = (meta: Meta) => (meta.session?.id === session.id ? { ...meta, session } : meta);
    await this.local.commit({ meta: kept });
    this.showSession();
  }
}

function without(meta: Meta, added: Partial<Meta>): Meta {
  const { session: _session, signedOut: _signedOut, ...rest } = meta;
  return { ...rest, ...added };
}

function isRefusedToken(error: unknown): boolean {
  return error instanceof ProblemError && (error.code === 'unauthenticated' || error.code === 'token-expired');
}

function signedOut(): ProblemError {
  return new ProblemError({ code: 'signed-out', status: 0, title: 'Nobody is signed in.' });
}

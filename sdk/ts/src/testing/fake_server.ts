import type { Clock } from '../base/clock.js';
import type { Random } from '../base/random.js';
import { directGroupId, FIRST_ID, LAST_ID, timeOf, uuidText } from '../base/uuid.js';
import type { Socket } from '../platform/web_socket.js';
import { digestOf } from '../sync/digest.js';

/** A stored message as the API shows it, and where it stands on the arrival axis by its place in the list. */
interface Stored {
  readonly id: string;
  readonly group: string;
  readonly from: string;
  readonly from_id: string;
  readonly kind: string;
  readonly sent_at: string;
  readonly received_at: string;
  readonly late: boolean;
  readonly target?: string;
  readonly emoji?: string;
  readonly remove?: boolean;
  readonly text?: string;
}

/** As history shows it. */
interface Shown extends Stored {
  readonly reply_to?: string;
  readonly deleted?: boolean;
  readonly edited_at?: string;
  readonly reactions?: readonly { readonly emoji: string; readonly count: number; readonly me: boolean }[];
}

interface FakeGroup {
  readonly id: string;
  readonly kind: 'direct' | 'group';
  readonly name?: string;
  readonly push: boolean;
  /** Then all that members send is refused. */
  onlyModeratorsPost?: boolean;
  readonly members: Set<string>;
  /** In the order of arrival. */
  readonly arrivals: Stored[];
  /** Name to number of arrivals that were read. */
  readonly read: Map<string, number>;
  changed: number;
}

interface FakeUser {
  readonly id: string;
  readonly name: string;
  readonly password: string;
}

/** What may go wrong with a call. Each is a chance between 0 and 1. */
export interface Faults {
  readonly lostCalls: number;
  readonly lostAnswers: number;
  readonly twice: number;
  readonly unavailable: number;
  readonly tooMany: number;
  readonly nonsense: number;
  readonly slow: number;
  readonly lostSockets: number;
}

export const NO_FAULTS: Faults = {
  lostCalls: 0,
  lostAnswers: 0,
  twice: 0,
  unavailable: 0,
  tooMany: 0,
  nonsense: 0,
  slow: 0,
  lostSockets: 0,
};

type Body = Record<string, unknown>;

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly more: Body = {},
  ) {
    super(code);
  }
}

const NONSENSE = [
  '<html>Log in to the café</html>',
  '{"messages":',
  '[]',
  '{}',
  '{"results":[{"id":7}]}',
  'null',
  '{"code":3}',
];

/**
 * As much of the server as the client's rules rest on, in memory, on the test's clock, with faults by seed. What it holds
 * is the truth that clients are compared with.
 */
export class FakeServer {
  readonly groups = new Map<string, FakeGroup>();
  readonly calls: string[] = [];
  faults = NO_FAULTS;
  /** So far behind, a reader gets the newest page and a gap. */
  skipBeyond = 1_000;
  /** The next call that begins like this is lost. */
  loseNext?: string;
  /** How long a slow call takes at most, on its way and again on its way back. Clients give up after 20 s. */
  slowMs = 25_000;
  /** Sends that everybody may make in 10 s, together. */
  sendsPer10s = Infinity;
  /** How many sends were refused because of that. */
  throttled = 0;
  /** Milliseconds that the server's clock is ahead of the test's. */
  clockAheadMs = 0;
  private readonly users = new Map<string, FakeUser>();
  private readonly changedProfiles = new Map<string, Body>();
  private readonly access = new Map<string, { user: FakeUser; session: string; expires: number }>();
  private readonly refresh = new Map<string, { user: FakeUser; session: string }>();
  private readonly sockets = new Set<FakeSocket>();
  private made = 0;
  private sendTokens = { left: Infinity, at: 0 };

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  now(): number {
    return this.clock.now() + this.clockAheadMs;
  }

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const { pathname, searchParams } = new URL(url);
    const { faults } = this;
    const happens = (chance: number) => this.random.fraction() < chance;
    this.calls.push(`${init.method} ${pathname}`);
    if (this.loseNext !== undefined && `${init.method} ${pathname}`.startsWith(this.loseNext)) {
      delete this.loseNext;
      throw new TypeError('fetch failed');
    }
    if (happens(faults.slow)) await this.wait(this.random.fraction() * this.slowMs, init.signal);
    if (happens(faults.lostCalls)) throw new TypeError('fetch failed');
    if (happens(faults.nonsense)) return this.nonsense();
    if (happens(faults.unavailable)) return this.problem(new Refusal(503, 'unavailable'));
    if (happens(faults.tooMany)) return this.problem(new Refusal(429, 'too-many-requests', { retry_after_ms: 700 }));
    const answer = this.answer(init, pathname, searchParams);
    if (happens(faults.twice)) this.answer(init, pathname, searchParams);
    if (happens(faults.slow)) await this.wait(this.random.fraction() * this.slowMs, init.signal);
    if (happens(faults.lostAnswers)) throw new TypeError('terminated');
    return answer;
  };

  readonly openSocket = (): Socket => {
    const socket = new FakeSocket(
      (text) => this.heard(socket, text),
      () => this.sockets.delete(socket),
    );
    const isRefused = this.random.fraction() < this.faults.lostSockets;
    this.clock.after(10, () => (isRefused ? socket.end(1006) : socket.onopen?.()));
    return socket;
  };

  /** All sockets break. */
  cutSockets(): void {
    for (const socket of [...this.sockets]) socket.end(1006);
  }

  /** The sessions of somebody end, as after a new password elsewhere. */
  endSessionsOf(name: string): void {
    for (const tokens of [this.access, this.refresh]) {
      for (const [token, { user }] of tokens) if (user.name === name) tokens.delete(token);
    }
    for (const socket of [...this.sockets]) if (socket.user === name) socket.end(4401);
  }

  addGroup(name: string, members: readonly string[], push = true): string {
    const id = this.uuid();
    this.groups.set(id, {
      id,
      kind: 'group',
      name,
      push,
      members: new Set(members),
      arrivals: [],
      read: new Map(),
      changed: this.now(),
    });
    return id;
  }

  /** Somebody else says something, without a client. */
  say(group: string, from: string, body: Body & { id: string }): void {
    const user = this.users.get(from) ?? { id: this.uuid(), name: from, password: '' };
    this.users.set(from, user);
    this.store(this.groups.get(group)!, user, body.id, { kind: 'text', ...body });
  }

  /** An operator or another device changes somebody's profile. */
  changeProfile(name: string, changed: Body): void {
    this.changedProfiles.set(name, { ...this.changedProfiles.get(name), ...changed });
  }

  /** Ids in sent order, amendments included. */
  ids(group: string): string[] {
    return this.groups
      .get(group)!
      .arrivals.map((row) => row.id)
      .sort();
  }

  /** Somebody's ids in the order in which they arrived. */
  arrivalsOf(group: string, name: string): string[] {
    return this.groups
      .get(group)!
      .arrivals.filter((row) => row.from === `@${name}`)
      .map((row) => row.id);
  }

  /** What a reader should see: messages in sent order, amendments worked in. */
  shown(group: string, reader = ''): Shown[] {
    return this.page(this.groups.get(group)!, reader);
  }

  private answer(init: RequestInit, path: string, query: URLSearchParams): Response {
    try {
      const body = typeof init.body === 'string' ? (JSON.parse(init.body) as Body) : {};
      if (path.startsWith('/v1/messages/')) this.takeSendToken();
      const answer = this.handle(`${init.method} ${path}`, body, query, this.bearer(init));
      if (answer === undefined) return new Response(null, { status: 204 });
      const text = JSON.stringify({ server_time: this.time(), ...answer });
      return new Response(text, { status: 200, headers: path.startsWith('/v1/messages/') ? this.sendHeaders() : {} });
    } catch (error) {
      if (error instanceof Refusal) return this.problem(error);
      throw error;
    }
  }

  private takeSendToken(): void {
    const most = this.sendsPer10s;
    if (most === Infinity) return;
    const passed = this.now() - this.sendTokens.at;
    const left = Math.min(most, this.sendTokens.left + (passed * most) / 10_000);
    this.sendTokens = { left, at: this.now() };
    if (left >= 1) {
      this.sendTokens.left--;
    } else {
      this.throttled++;
      throw new Refusal(429, 'too-many-requests', { retry_after_ms: Math.ceil(((1 - left) * 10_000) / most) });
    }
  }

  private sendHeaders(): Record<string, string> {
    if (this.sendsPer10s === Infinity) return {};
    const left = Math.floor(this.sendTokens.left);
    return { RateLimit: `"send";r=${left};t=10`, 'RateLimit-Policy': `"send";q=${this.sendsPer10s};w=10` };
  }

  private handle(call: string, body: Body, query: URLSearchParams, bearer: string): Body | undefined {
    if (call === 'POST /v1/accounts') return this.signUp(body);
    if (call === 'POST /v1/sessions') return this.signIn(body);
    if (call === 'POST /v1/sessions/refresh') return this.refreshed(body);
    const held = this.access.get(bearer);
    if (!held) throw new Refusal(401, 'unauthenticated');
    if (held.expires <= this.now()) throw new Refusal(401, 'token-expired');
    const { user } = held;
    if (call.startsWith('DELETE /v1/sessions/')) {
      this.endSession(held.session);
      return undefined;
    }
    if (call === 'GET /v1/me') return this.me(user);
    if (call === 'GET /v1/status') return this.status(user, query);
    if (call === 'POST /v1/pull') return this.pull(user, body);
    const [, send] = /^PUT \/v1\/messages\/(.+)$/.exec(call) ?? [];
    if (send) return this.send(user, send, body);
    const [, person] = /^GET \/v1\/users\/%40(.+)$/.exec(call) ?? [];
    if (person) return this.profile(person);
    const [, id, what] = /^[A-Z]+ \/v1\/groups\/([^/]+)\/(\w+)/.exec(call) ?? [];
    const one = /^GET \/v1\/groups\/([^/]+)$/.exec(call)?.[1];
    const group = this.groups.get(one ?? id ?? '');
    if (!group?.members.has(user.name)) throw new Refusal(404, 'unknown-group');
    if (one) return this.details(group);
    if (what === 'members') return this.members(group);
    if (what === 'read') {
      group.read.set(user.name, positionOf(body['cursor']));
      return undefined;
    }
    if (what === 'digest') return this.digest(group, query);
    if (what === 'messages') return this.history(group, user, call.split('/messages/')[1], query);
    throw new Refusal(404, 'unknown-route');
  }

  private signUp({ name, password }: Body): Body {
    const held = this.users.get(String(name));
    if (held && held.password !== password) throw new Refusal(409, 'name-taken');
    const user = held ?? { id: this.uuid(), name: String(name), password: String(password) };
    this.users.set(user.name, user);
    return { user: this.me(user), session: this.session(user, this.uuid()) };
  }

  private signIn({ name, password }: Body): Body {
    const user = this.users.get(String(name));
    if (!user || user.password !== password) throw new Refusal(401, 'bad-credentials');
    return { user: this.me(user), session: this.session(user, this.uuid()) };
  }

  private refreshed({ refresh_token: token }: Body): Body {
    const held = this.refresh.get(String(token));
    if (!held) throw new Refusal(401, 'unauthenticated');
    return { session: this.session(held.user, held.session) };
  }

  private session(user: FakeUser, session: string): Body {
    const [access, refresh] = [`a${this.made++}`, `r${this.made++}`];
    const expires = this.now() + 15 * 60_000;
    this.access.set(access, { user, session, expires });
    this.refresh.set(refresh, { user, session });
    return {
      id: session,
      access_token: access,
      refresh_token: refresh,
      expires_at: new Date(expires).toISOString(),
      server_time: this.time(),
      api: '1.0',
    };
  }

  private endSession(session: string): void {
    for (const tokens of [this.access, this.refresh]) {
      for (const [token, held] of tokens) if (held.session === session) tokens.delete(token);
    }
  }

  private status(user: FakeUser, query: URLSearchParams): Body {
    const since = Number(query.get('cursor') ?? 0);
    const groups = [...this.groups.values()].filter(
      (group) => group.members.has(user.name) && group.changed >= since - 3_000,
    );
    const removed = [...this.groups.values()].filter(
      (group) => !group.members.has(user.name) && since > 0 && group.changed >= since - 3_000,
    );
    return {
      cursor: String(this.now()),
      more: false,
      next_poll_ms: 600_000,
      users: [],
      removed: removed.map(({ id }) => id),
      groups: groups.map((group) => this.groupStatus(group, user)),
    };
  }

  private groupStatus(group: FakeGroup, user: FakeUser): Body {
    const { id, kind, name, push, members } = group;
    const counted = group.arrivals.slice(group.read.get(user.name) ?? 0);
    const unread = counted.filter((row) => row.from !== `@${user.name}` && isShown(row)).length;
    const last = this.page(group, user.name).at(-1);
    return {
      id,
      kind,
      name,
      push,
      size: members.size,
      role: 'member',
      last_updated: new Date(group.changed).toISOString(),
      unread: Math.min(100, unread),
      mentions: 0,
      last_message: last,
    };
  }

  private pull(user: FakeUser, body: Body): Body {
    let left = Number(body['limit'] ?? 50);
    const asked = body['groups'] as { id: string; cursor?: string }[];
    const results = asked.map(({ id, cursor }) => {
      const group = this.groups.get(id);
      if (!group?.members.has(user.name)) return { id, problem: this.problemBody(new Refusal(404, 'unknown-group')) };
      if (cursor !== undefined && !/^c\d+$/.test(cursor))
        return { id, problem: this.problemBody(new Refusal(400, 'invalid-cursor')) };
      const changes = this.changes(group, cursor, left);
      left -= (changes['messages'] as unknown[]).length;
      return { id, ...changes };
    });
    return { results };
  }

  private changes(group: FakeGroup, cursor: string | undefined, limit: number): Body {
    const end = group.arrivals.length;
    const about = { push: group.push, next_poll_ms: group.push ? 600_000 : 2_000, server_time: this.time() };
    if (limit <= 0) return { messages: [], more: true, ...(cursor && { cursor }), ...about };
    if (cursor === undefined) {
      const all = sortedById(group.arrivals);
      const newest = all.slice(-limit);
      const from = newest.length < all.length ? newest[0]!.id : FIRST_ID;
      return { messages: newest, cursor: `c${end}`, more: false, digest: this.digestBody(group, from, null), ...about };
    }
    const position = positionOf(cursor);
    if (end - position > this.skipBeyond) {
      const newest = sortedById(group.arrivals.slice(position)).slice(-limit);
      const oldest = sortedById(group.arrivals.slice(position))[0]!.id;
      return {
        messages: newest,
        cursor: `c${end}`,
        more: false,
        skipped: { from: oldest, to: newest[0]!.id },
        ...about,
      };
    }
    const next = Math.min(end, position + limit);
    const more = next < end;
    const from = idFloor(this.now() - 8_000);
    return {
      messages: sortedById(group.arrivals.slice(position, next)),
      cursor: `c${next}`,
      more,
      ...about,
      ...(!more && { digest: this.digestBody(group, from, null) }),
    };
  }

  private digest(group: FakeGroup, query: URLSearchParams): Body {
    const last = Number(query.get('last') ?? 0);
    if (last > 0) return this.digestBody(group, sortedById(group.arrivals).slice(-last)[0]?.id ?? FIRST_ID, null);
    return this.digestBody(group, query.get('from') ?? FIRST_ID, query.get('to'));
  }

  private digestBody(group: FakeGroup, from: string, to: string | null): Body {
    const ids = sortedById(group.arrivals)
      .map((row) => row.id)
      .filter((id) => id >= from && id < (to ?? LAST_ID));
    return { from, to, ...digestOf(ids), ...(ids.length <= 16 && { ids }) };
  }

  private history(group: FakeGroup, user: FakeUser, one: string | undefined, query: URLSearchParams): Body {
    const pages = this.page(group, user.name);
    if (one !== undefined) {
      const found = pages.find(({ id }) => id === one);
      if (!found) throw new Refusal(404, 'unknown-message');
      return { ...found };
    }
    const ids = query.get('ids')?.split(',');
    if (ids) return { messages: group.arrivals.filter((row) => ids.includes(row.id)) };
    const limit = Number(query.get('limit') ?? 50);
    const around = query.get('around');
    const [before, after] = [query.get('before') ?? LAST_ID, query.get('after') ?? FIRST_ID];
    let messages = pages.filter(({ id }) => id < before && id > after);
    if (around) {
      const place = messages.filter(({ id }) => id < around).length;
      messages = messages.slice(Math.max(0, place - limit / 2), place + limit / 2);
    } else {
      messages = messages.slice(-limit);
    }
    const [first, last] = [messages[0]?.id, messages.at(-1)?.id];
    return {
      messages,
      has_before: first !== undefined && pages.some(({ id }) => id < first),
      has_after: last !== undefined && pages.some(({ id }) => id > last),
    };
  }

  private page(group: FakeGroup, reader: string): Shown[] {
    return sortedById(group.arrivals)
      .filter(isShown)
      .map((row) => {
        const amendments = sortedById(group.arrivals).filter((other) => other.target === row.id);
        if (amendments.some((other) => other.kind === 'delete')) {
          const { text: _text, ...bare } = row;
          return { ...bare, deleted: true };
        }
        const edit = amendments.filter((other) => other.kind === 'edit').at(-1);
        const slots = new Map(
          amendments
            .filter((other) => other.kind === 'reaction')
            .map((other) => [`${other.from} ${other.emoji}`, other]),
        );
        const alive = [...slots.values()].filter((other) => !other.remove);
        const reactions = [...new Set(alive.map((other) => other.emoji ?? ''))].map((emoji) => {
          const of = alive.filter((other) => other.emoji === emoji);
          return { emoji, count: of.length, me: of.some((other) => other.from === `@${reader}`) };
        });
        return {
          ...row,
          ...(edit && { text: edit.text ?? '', edited_at: edit.sent_at }),
          ...(reactions.length > 0 && { reactions }),
        };
      });
  }

  private send(user: FakeUser, id: string, body: Body): Body {
    if (timeOf(id) > this.now() + 10_000) throw new Refusal(422, 'clock-ahead');
    const [to] = body['to'] as [string];
    const group = to.startsWith('@') ? this.direct(user, to.slice(1)) : this.groups.get(to);
    if (!group?.members.has(user.name)) throw new Refusal(404, 'unknown-group');
    if (group.onlyModeratorsPost) throw new Refusal(403, 'forbidden', { detail: 'Only moderators may post here.' });
    const { to: _to, ...content } = body;
    const stored = this.store(group, user, id, content);
    return {
      id,
      sent_at: stored.row.sent_at,
      received_at: stored.row.received_at,
      late: stored.row.late,
      groups: [{ id: group.id, stored: stored.isNew ? 'new' : 'already' }],
    };
  }

  private store(group: FakeGroup, user: FakeUser, id: string, content: Body): { row: Stored; isNew: boolean } {
    const held = group.arrivals.find((row) => row.id === id);
    if (held) {
      if (held.text !== content['text']) throw new Refusal(409, 'id-conflict');
      return { row: held, isNew: false };
    }
    const sent = timeOf(id);
    const row = {
      kind: 'text',
      ...content,
      id,
      group: group.id,
      from: `@${user.name}`,
      from_id: user.id,
      sent_at: new Date(sent).toISOString(),
      received_at: this.time(),
      late: this.now() - sent > 5_000,
    } as Stored;
    group.arrivals.push(row);
    group.changed = this.now();
    this.notify(group);
    return { row, isNew: true };
  }

  private direct(user: FakeUser, name: string): FakeGroup {
    const other = this.users.get(name);
    if (!other) throw new Refusal(404, 'unknown-user');
    const id = directGroupId(user.id, other.id);
    const held = this.groups.get(id);
    if (held) return held;
    const made: FakeGroup = {
      id,
      kind: 'direct',
      push: true,
      members: new Set([user.name, name]),
      arrivals: [],
      read: new Map(),
      changed: this.now(),
    };
    this.groups.set(id, made);
    return made;
  }

  private details({ id, kind, name, push, members, onlyModeratorsPost, changed }: FakeGroup): Body {
    return {
      id,
      kind,
      name,
      push,
      size: members.size,
      role: 'member',
      post: onlyModeratorsPost ? 'moderators' : 'members',
      visibility: 'private',
      last_updated: new Date(changed).toISOString(),
    };
  }

  private members(group: FakeGroup): Body {
    const joined_at = new Date(0).toISOString();
    return {
      members: [...group.members].map((name) => ({ user: `@${name}`, role: 'member', joined_at })),
      cursor: '',
      more: false,
    };
  }

  private profile(name: string): Body {
    const user = this.users.get(name);
    if (!user) throw new Refusal(404, 'unknown-user');
    return this.me(user);
  }

  private notify(group: FakeGroup): void {
    if (!group.push) return;
    for (const socket of this.sockets) {
      if (!group.members.has(socket.user)) continue;
      if (this.random.fraction() < this.faults.lostSockets) this.clock.after(0, () => socket.end(1006));
      else
        this.clock.after(20, () =>
          socket.tell({ type: 'changed', n: this.made++, time: this.time(), groups: [group.id] }),
        );
    }
  }

  private heard(socket: FakeSocket, text: string): void {
    const frame = JSON.parse(text) as Body;
    if (frame['type'] !== 'auth') return;
    const held = this.access.get(String(frame['access_token']));
    if (!held || held.expires <= this.now()) return void this.clock.after(1, () => socket.end(4401));
    socket.user = held.user.name;
    this.sockets.add(socket);
    this.clock.after(5, () =>
      socket.tell({ type: 'hello', api: '1.0', server_time: this.time(), connection: '1', poll_ms: 600_000 }),
    );
  }

  private me({ id, name }: FakeUser): Body {
    return { id, name, display_name: name, service: false, metadata: {}, ...this.changedProfiles.get(name) };
  }

  private bearer(init: RequestInit): string {
    return new Headers(init.headers).get('Authorization')?.slice('Bearer '.length) ?? '';
  }

  private wait(ms: number, signal: AbortSignal | null | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      this.clock.after(ms, resolve);
    });
  }

  private nonsense(): Response {
    const text = NONSENSE[Math.floor(this.random.fraction() * NONSENSE.length)]!;
    return new Response(text, { status: this.random.fraction() < 0.5 ? 200 : 502 });
  }

  private problemBody({ status, code, more }: Refusal): Body {
    return { type: `/problems/${code}`, title: code, status, code, server_time: this.time(), request_id: 'r', ...more };
  }

  private problem(refusal: Refusal): Response {
    return new Response(JSON.stringify(this.problemBody(refusal)), { status: refusal.status });
  }

  private time(): string {
    return new Date(this.now()).toISOString();
  }

  private uuid(): string {
    const bytes = this.random.bytes(16);
    bytes[6] = 0x40;
    bytes[8] = 0x80;
    return uuidText(bytes);
  }
}

/** The client's end of a socket. */
class FakeSocket implements Socket {
  user = '';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  private isOpen = true;

  constructor(
    readonly send: (text: string) => void,
    private readonly onEnd: () => void,
  ) {}

  tell(frame: Body): void {
    if (this.isOpen) this.onmessage?.({ data: JSON.stringify(frame) });
  }

  close(): void {
    this.end(1000);
  }

  end(code: number): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.onEnd();
    this.onclose?.({ code });
  }
}

function isShown(row: Stored): boolean {
  return row.kind === 'text' || row.kind === 'opaque';
}

function sortedById(rows: readonly Stored[]): Stored[] {
  return [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function positionOf(cursor: unknown): number {
  return Number(String(cursor).slice(1));
}

function idFloor(timeMs: number): string {
  const time = timeMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}

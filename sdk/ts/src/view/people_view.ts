import { Cell } from '../base/cell.js';
import type { Clock } from '../base/clock.js';
import type { UserReference } from '../public/ids.js';
import type { People, PeopleSnapshot, Person, Presence } from '../public/people.js';
import type { LocalData } from '../store/local_data.js';
import type { Api } from '../wire/api.js';
import { decodePerson, decodeStatus } from '../wire/decode.js';
import { decoded } from '../wire/http.js';

const WATCHED_MOST = 100;

/** Profiles, and who is online: asked for together, only while somebody looks. */
export class PeopleView implements People {
  readonly snapshot = new Cell<PeopleSnapshot>({ people: new Map(), presence: new Map() });
  private readonly watched: Set<{ readonly users: readonly UserReference[] }> = new Set();
  private readonly finding = new Map<UserReference, Promise<Person>>();
  private presence: ReadonlyMap<UserReference, Presence> = new Map();
  private asking = false;
  private cancelTimer = () => {};
  private closed = false;

  constructor(
    private readonly api: Api,
    private readonly local: LocalData,
    private readonly clock: Clock,
    private readonly intervalMs: number,
  ) {
    local.onCommit(({ people }) => {
      if (people.length > 0) this.show();
    });
    local.onClear(() => {
      this.presence = new Map();
      this.finding.clear();
      this.show();
    });
  }

  async find(user: UserReference): Promise<Person> {
    const held = this.local.people.get(user.slice(1));
    // What the store holds is shown at once; once a session it is looked at again.
    const asked = this.finding.get(user) ?? this.ask(user);
    if (!held) return asked;
    asked.catch(() => {});
    return held;
  }

  watch(users: readonly UserReference[]): () => void {
    const wish = { users: [...users] };
    this.watched.add(wish);
    this.askSoon(0);
    return () => void this.watched.delete(wish);
  }

  async block(user: UserReference): Promise<void> {
    await this.api.call({ method: 'PUT', path: `/v1/me/blocks/${encodeURIComponent(user)}` }, 'write');
  }

  async unblock(user: UserReference): Promise<void> {
    await this.api.call({ method: 'DELETE', path: `/v1/me/blocks/${encodeURIComponent(user)}` }, 'write');
  }

  show(): void {
    const people = new Map<UserReference, Person>();
    for (const person of this.local.people.values()) people.set(`@${person.name}`, person);
    this.snapshot.set({ people, presence: this.presence });
  }

  close(): void {
    this.closed = true;
    this.cancelTimer();
  }

  private ask(user: UserReference): Promise<Person> {
    const asked = this.read(user);
    this.finding.set(user, asked);
    asked.catch(() => {
      if (this.finding.get(user) === asked) this.finding.delete(user);
    });
    return asked;
  }

  private async read(user: UserReference): Promise<Person> {
    const { epoch } = this.local;
    const answer = await this.api.call({ method: 'GET', path: `/v1/users/${encodeURIComponent(user)}` });
    const { person, presence } = decoded(answer, decodePerson);
    this.presence = new Map(this.presence).set(user, { ...presence, at: this.api.serverNow });
    await this.local.commit({ people: [person] }, epoch);
    return person;
  }

  private askSoon(ms: number): void {
    this.cancelTimer();
    if (!this.closed) this.cancelTimer = this.clock.after(ms, () => void this.askPresence());
  }

  private async askPresence(): Promise<void> {
    const users = this.wished();
    if (users.length === 0 || this.asking || this.closed) return;
    this.asking = true;
    try {
      if (this.api.isSignedIn) await this.readPresence(users);
    } catch {
      // The next time will do: it is only presence.
    }
    this.asking = false;
    this.askSoon(this.intervalMs);
  }

  // The status call is the one that tells it. What it says of groups is not for us: its cursor is not kept.
  private async readPresence(users: readonly UserReference[]): Promise<void> {
    const cursor = this.local.meta.statusCursor;
    const since = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const path = `/v1/status?limit=1&users=${users.map(encodeURIComponent).join()}${since}`;
    const status = decoded(await this.api.call({ method: 'GET', path }), decodeStatus);
    const at = this.api.serverNow;
    const presence = new Map(this.presence);
    for (const { name, presence: shown } of status.users) presence.set(`@${name}`, { ...shown, at });
    this.presence = presence;
    this.show();
  }

  private wished(): UserReference[] {
    const latest = [...this.watched].reverse().flatMap((wish) => wish.users);
    return [...new Set(latest)].slice(0, WATCHED_MOST);
  }
}

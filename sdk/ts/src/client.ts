import { callSafely, Cell } from './base/cell.js';
import { type Clock, systemClock } from './base/clock.js';
import { type Random, systemRandom } from './base/random.js';
import { ServerClock } from './base/server_clock.js';
import { uuidText } from './base/uuid.js';
import { ConversationHandle } from './conversation.js';
import { GroupsApi } from './groups_api.js';
import { OperationApi } from './operation_api.js';
import { Minter } from './outbox/minter.js';
import { LocalOutbox } from './outbox/local_outbox.js';
import { Sender } from './outbox/sender.js';
import { hostPage, type Page } from './platform/page.js';
import { BrowserTabs, SingleTab, type TabMessage, type Tabs } from './platform/tabs.js';
import type { OpenSocket } from './platform/web_socket.js';
import type { Arrival, Client, ClientOptions } from './public/client.js';
import type { Conversation } from './public/conversation.js';
import type { Groups } from './public/group.js';
import type { GroupId, MessageId, UserReference } from './public/ids.js';
import type { Draft } from './public/message.js';
import type { Operation } from './public/operation.js';
import type { Outbox } from './public/outbox.js';
import type { People } from './public/people.js';
import type { ConnectionState, DeviceSession, Me, OwnStatus, SessionState, StorageState } from './public/session.js';
import { IndexedDbStore } from './store/indexed_db_store.js';
import { LateStore } from './store/late_store.js';
import { LocalData } from './store/local_data.js';
import { MemoryStore } from './store/memory_store.js';
import { OverlayStore } from './store/overlay_store.js';
import type { Row } from './store/records.js';
import type { Store } from './store/store.js';
import { History } from './sync/history.js';
import { Notifications } from './sync/notifications.js';
import { Syncer } from './sync/syncer.js';
import { ConversationModel } from './view/conversation_model.js';
import { GroupsView } from './view/groups_view.js';
import { PeopleView } from './view/people_view.js';
import { present } from './view/present.js';
import { Api } from './wire/api.js';
import { decodeDeviceSessions } from './wire/decode.js';
import { decoded, type Fetch, Http } from './wire/http.js';
import { RateLimits } from './wire/rate_limits.js';
import { openSocket } from '#web-socket';

/** What a client gets from its surroundings; tests give their own. */
export interface Surroundings {
  readonly fetch: Fetch;
  readonly openSocket: OpenSocket;
  readonly clock: Clock;
  readonly random: Random;
  readonly page: Page;
  readonly tabs: Tabs;
  /** Rejects when there is no durable store to be had. */
  readonly openStore: () => Promise<Store>;
}

const DEFAULT_DATABASE = 'tidings';

/** Makes a client. It starts at once: reads its store, and goes on where it was. */
export function createClient(options: ClientOptions): Client {
  const database = options.database ?? DEFAULT_DATABASE;
  const hasDatabase = typeof indexedDB !== 'undefined' && options.storage !== 'memory';
  const locks = typeof navigator === 'undefined' ? undefined : (navigator as { locks?: LockManager }).locks;
  return new TidingsClient(options, {
    fetch: (url, init) => fetch(url, init),
    openSocket,
    clock: systemClock,
    random: systemRandom,
    page: hostPage,
    tabs: hasDatabase && typeof BroadcastChannel !== 'undefined' ? new BrowserTabs(database, locks) : new SingleTab(),
    openStore: () => (hasDatabase ? IndexedDbStore.open(database) : Promise.resolve(new MemoryStore())),
  });
}

/** Puts the parts together, and passes on between them. */
export class TidingsClient implements Client {
  readonly session: Cell<SessionState>;
  readonly connection = new Cell<ConnectionState>({ state: 'idle', clockCorrectionMs: 0 });
  readonly storage: Cell<StorageState>;
  readonly groups: Groups;
  readonly people: People;
  readonly outbox: Outbox;
  readonly operation: Operation;
  readonly ready: Promise<void>;

  private readonly local: LocalData;
  private readonly api: Api;
  private readonly serverClock: ServerClock;
  private readonly limits: RateLimits;
  private readonly box: LocalOutbox;
  private readonly sender: Sender;
  private readonly history: History;
  private readonly syncer: Syncer;
  private readonly notifications: Notifications;
  private readonly groupsView: GroupsView;
  private readonly peopleView: PeopleView;
  private readonly store: LateStore;
  private readonly models = new Map<GroupId, ConversationModel>();
  private readonly arrivalListeners = new Set<(arrival: Arrival) => void>();
  private readonly tab: string;
  private readonly openElsewhere = new Map<string, ReadonlySet<GroupId>>();
  private readonly ends: (() => void)[] = [];
  private isLeading = false;
  private isWorking = false;
  private workEpoch = 0;
  private isClosed = false;

  constructor(
    options: ClientOptions,
    private readonly around: Surroundings,
  ) {
    const { clock, random, tabs } = around;
    const url = options.url.replace(/\/+$/, '');
    const isDurable = options.storage !== 'memory' && tabs.shared;
    this.tab = uuidText(random.bytes(16));
    this.storage = new Cell<StorageState>(
      isDurable ? { kind: 'indexeddb', durable: true } : { kind: 'memory', durable: false },
    );
    this.store = new LateStore(() => this.openStore());
    this.local = new LocalData(this.store, tabs, () => this.storage.get().kind === 'indexeddb');
    this.serverClock = new ServerClock(clock, () => this.keepCorrection());
    this.limits = new RateLimits(clock, () => this.syncer.showState());
    const http = new Http(url, around.fetch, clock, {
      serverTime: (time, began) => this.serverClock.observe(time, began),
      headers: (headers, problem) => this.limits.observe(headers, problem),
    });
    this.api = new Api(http, this.local, tabs, clock, this.serverClock, this.limits, options.device);
    this.session = this.api.session;
    const minter = new Minter(this.serverClock, random);
    this.box = new LocalOutbox(this.local, minter, this.serverClock);
    this.outbox = this.box;
    this.groupsView = new GroupsView(this.local, this.box, (id) => this.models.has(id));
    this.history = new History(this.api, this.local);
    this.syncer = new Syncer(this.api, this.local, this.history, this.limits, clock, random, {
      openGroups: () => this.openGroups(),
      wantsAll: () => this.arrivalListeners.size > 0,
      onArrivals: (rows) => this.tellArrivals(rows),
      onState: () => this.showConnection(),
    });
    this.sender = new Sender(
      this.api,
      this.local,
      this.box,
      minter,
      this.limits,
      clock,
      this.serverClock,
      random,
      (group) => this.syncer.stored(group),
      // Others may have no better luck: the user is to know.
      () => this.syncer.readStatusSoon(),
    );
    const token = (refused?: string) => (refused === undefined ? this.api.token() : this.api.renew(refused));
    this.notifications = new Notifications(url, around.openSocket, token, clock, random, this.syncer);
    this.peopleView = new PeopleView(this.api, this.local, clock, options.presenceIntervalMs ?? 60_000);
    this.people = this.peopleView;
    this.groups = new GroupsApi(this.groupsView.list, this.api, this.local, this.people, random, (id) =>
      this.groupChanged(id),
    );
    this.operation = new OperationApi(this.api);
    this.ready = this.start();
  }

  signUp(name: string, password: string, displayName?: string): Promise<void> {
    return this.ready.then(() => this.api.signUp(name, password, displayName));
  }

  signIn(name: string, password: string): Promise<void> {
    return this.ready.then(() => this.api.signIn(name, password));
  }

  signInWithKey(key: string): Promise<void> {
    return this.ready.then(() => this.api.signInWithKey(key));
  }

  async signOut(options: { keep?: boolean } = {}): Promise<void> {
    await this.ready;
    await this.api.signOut(options.keep ?? false);
  }

  async sessions(): Promise<DeviceSession[]> {
    const all: DeviceSession[] = [];
    for (let cursor = '', more = true; more;) {
      const path = `/v1/sessions?limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
      const page = decoded(await this.api.call({ method: 'GET', path }), decodeDeviceSessions);
      all.push(...page.sessions);
      ({ cursor, more } = page);
    }
    return all;
  }

  async endSession(id: string): Promise<void> {
    await this.api.call({ method: 'DELETE', path: `/v1/sessions/${id}` }, 'write');
  }

  async changePassword(oldPassword: string, newPassword: string): Promise<void> {
    const body = { old: oldPassword, new: newPassword };
    await this.api.call({ method: 'PUT', path: '/v1/me/password', body }, 'write');
  }

  async changeMe(patch: Partial<Pick<Me, 'displayName' | 'acceptsDirect' | 'metadata'>>): Promise<void> {
    const body = {
      ...(patch.displayName !== undefined && { display_name: patch.displayName }),
      ...(patch.acceptsDirect && { accepts_direct: patch.acceptsDirect }),
      ...(patch.metadata && { metadata: patch.metadata }),
    };
    await this.api.showMe(await this.api.call({ method: 'PATCH', path: '/v1/me', body }, 'write'));
  }

  async setStatus(status: OwnStatus, text?: string): Promise<void> {
    const body = { status, ...(text !== undefined && { text }) };
    await this.api.showMe(await this.api.call({ method: 'PUT', path: '/v1/me/status', body }, 'write'));
  }

  async readMe(): Promise<void> {
    await this.api.showMe(await this.api.call({ method: 'GET', path: '/v1/me' }));
  }

  async endAccount(): Promise<void> {
    await this.api.call({ method: 'DELETE', path: '/v1/me' }, 'write');
    await this.api.end('by-user', false);
  }

  open(group: GroupId): Conversation {
    let model = this.models.get(group);
    if (!model) {
      model = new ConversationModel(group, {
        local: this.local,
        history: this.history,
        box: this.box,
        summaryOf: (id) => this.groupsView.summaryOf(id),
        serverNow: () => this.serverClock.now(),
      });
      this.models.set(group, model);
      void model.load(this.ready);
      this.groupsView.show();
      this.tellOpen();
    }
    model.handles++;
    void this.ready.then(() => this.sync(group));
    return new ConversationHandle(model, {
      local: this.local,
      add: (content) => this.box.add([group], content),
      check: () => this.sync(group, true),
      closed: () => this.closed(group),
    });
  }

  async send(to: UserReference | GroupId | readonly (UserReference | GroupId)[], draft: Draft): Promise<MessageId> {
    await this.ready;
    return this.box.add(typeof to === 'string' ? [to] : to, { kind: 'text', ...draft });
  }

  onArrival(listener: (arrival: Arrival) => void): () => void {
    this.arrivalListeners.add(listener);
    return () => void this.arrivalListeners.delete(listener);
  }

  wake(): void {
    if (this.isLeading) this.wakeHere();
    else this.around.tabs.post({ type: 'wake' });
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.work(false);
    await this.ready;
    for (const end of this.ends) end();
    for (const model of this.models.values()) model.end();
    this.peopleView.close();
    await this.local.close();
    this.around.tabs.post({ type: 'open', tab: this.tab, groups: [] });
    this.around.tabs.close();
  }

  private async start(): Promise<void> {
    const { tabs, page } = this.around;
    let leads = false;
    const leading = new Promise<void>((resolve) => tabs.lead(resolve)).then(() => (leads = true));
    // What others tell from here on is not in what will be read; it comes on top of that.
    tabs.onMessage((message) => void this.ready.then(() => this.hear(message)));
    await this.store.open();
    if (this.storage.get().reason === 'not-available') tabs.goAlone();
    const ledBefore = leads;
    await this.local.start();
    this.serverClock.restore(this.local.meta.correctionMs);
    this.box.show();
    this.groupsView.show();
    this.peopleView.show();
    this.api.showSession();
    tabs.post({ type: 'who' });
    this.ends.push(this.session.subscribe(() => this.work(this.isLeading && this.api.isSignedIn)));
    this.ends.push(page.onWake(() => this.wake()));
    void leading.then(() => this.takeOver(ledBefore));
  }

  // The leader before may have changed what it had no time to tell: what was read before it had gone is read again.
  private async takeOver(isRead: boolean): Promise<void> {
    if (this.isClosed) return;
    const { tabs } = this.around;
    this.isLeading = true;
    tabs.post({ type: 'who' });
    if (tabs.shared && !isRead) await this.rereadStore().catch(() => {});
    this.api.showSession();
    this.work(this.api.isSignedIn);
  }

  private async rereadStore(): Promise<void> {
    await this.local.start();
    this.box.show();
    this.groupsView.show();
    for (const model of this.models.values()) await model.reload();
  }

  // Sends and syncs, or not.
  private work(isWanted: boolean): void {
    const wanted = isWanted && !this.isClosed;
    const { epoch } = this.local;
    // Work for one person does not go on as work for the next.
    if (this.isWorking && (!wanted || epoch !== this.workEpoch)) {
      this.isWorking = false;
      this.notifications.stop();
      this.sender.stop();
      this.syncer.stop();
    }
    if (wanted && !this.isWorking) {
      this.isWorking = true;
      this.workEpoch = epoch;
      this.syncer.start();
      this.sender.start();
      this.notifications.start();
    }
  }

  private async openStore(): Promise<Store> {
    try {
      const store = await this.around.openStore();
      if (store instanceof MemoryStore) return store;
      return new OverlayStore(store, (reason) => this.storeFailed(reason), this.local);
    } catch {
      this.storage.set({ kind: 'memory', durable: false, reason: 'not-available' });
      return new MemoryStore();
    }
  }

  private storeFailed(reason: 'quota-exceeded' | 'failed'): void {
    this.storage.set({ kind: 'memory', durable: false, reason });
  }

  private hear(message: TabMessage): void {
    switch (message.type) {
      case 'committed': {
        const { epoch } = message;
        if (epoch < this.local.epoch) return; // of somebody who has signed out
        // Of two tabs' messages the later one may come first.
        const cleared = this.local.heardCleared(epoch);
        cleared.catch(() => {});
        // What is not in the store that both read must come into the one that this tab reads.
        if (message.shared && this.storage.get().kind === 'indexeddb') this.local.apply(message.committed);
        else void cleared.then(() => this.local.absorb(message.committed, epoch)).catch(() => {});
        if (message.committed.meta) {
          this.serverClock.restore(message.committed.meta.correctionMs);
          this.api.showSession();
        }
        return;
      }
      case 'cleared':
        void this.local.heardCleared(message.epoch).catch(() => {});
        return;
      case 'connection':
        if (!this.isLeading) this.connection.set(message.state);
        return;
      case 'open':
        this.heardOpen(message.tab, new Set(message.groups));
        return;
      case 'who':
        this.tellOpen();
        if (this.isLeading) this.around.tabs.post({ type: 'connection', state: this.connection.get() });
        return;
      case 'sync':
        if (this.isLeading) this.syncer.sync(message.groups, message.check);
        return;
      case 'status':
        if (this.isLeading) this.syncer.readStatusSoon();
        return;
      case 'wake':
        if (this.isLeading) this.wakeHere();
        return;
    }
  }

  private heardOpen(tab: string, groups: ReadonlySet<GroupId>): void {
    const before = this.openElsewhere.get(tab);
    if (groups.size > 0) this.openElsewhere.set(tab, groups);
    else this.openElsewhere.delete(tab);
    if (this.isWorking) for (const group of groups) if (!before?.has(group)) this.syncer.opened(group);
  }

  private tellOpen(): void {
    this.around.tabs.post({ type: 'open', tab: this.tab, groups: [...this.models.keys()] });
  }

  private openGroups(): ReadonlySet<GroupId> {
    const open = new Set(this.models.keys());
    for (const groups of this.openElsewhere.values()) for (const group of groups) open.add(group);
    return open;
  }

  private sync(group: GroupId, check = false): void {
    if (!this.isLeading) return this.around.tabs.post({ type: 'sync', groups: [group], check });
    if (!this.isWorking) return;
    if (check) this.syncer.sync([group], true);
    else this.syncer.opened(group);
  }

  private groupChanged(group: GroupId | undefined): void {
    if (!this.isLeading) return this.around.tabs.post({ type: 'status' });
    if (group !== undefined && this.isWorking) this.syncer.sync([group]);
    this.syncer.readStatusSoon();
  }

  private closed(group: GroupId): void {
    const model = this.models.get(group);
    if (!model || --model.handles > 0) return;
    model.end();
    this.models.delete(group);
    this.groupsView.show();
    this.tellOpen();
  }

  private wakeHere(): void {
    this.syncer.wake();
    this.sender.wake();
    this.notifications.wake();
  }

  private showConnection(): void {
    const state = this.syncer.connection.get();
    this.connection.set(state);
    this.around.tabs.post({ type: 'connection', state });
  }

  private keepCorrection(): void {
    const { correctionMs } = this.serverClock;
    void this.ready
      .then(() => this.local.commit({ meta: (meta) => ({ ...meta, correctionMs }) }))
      .then(() => this.syncer.showState())
      .catch(() => {}); // it is only a better guess for the next start
  }

  private tellArrivals(rows: readonly Row[]): void {
    const { me, begunAt } = this.local.meta;
    const self = `@${me?.name ?? ''}`;
    for (const row of rows) {
      const message = present(row, { self, amendments: [], pending: [], isCovered: true });
      const arrival = { message, initial: row.receivedAt < (begunAt ?? 0) };
      for (const listener of this.arrivalListeners) callSafely(() => listener(arrival));
    }
  }
}

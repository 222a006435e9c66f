import type { GroupId } from '../public/ids.js';
import type { ConnectionState } from '../public/session.js';
import type { Committed } from '../store/store.js';

/** What tabs on one database tell each other. */
export type TabMessage =
  /** A change that the sender has made in the shared store; or, if not `shared`, in its own memory, the disk being full. */
  | { readonly type: 'committed'; readonly committed: Committed; readonly shared: boolean; readonly epoch: number }
  /** The store was emptied, and this epoch of it has begun. */
  | { readonly type: 'cleared'; readonly epoch: number }
  /** Of the leader. */
  | { readonly type: 'connection'; readonly state: ConnectionState }
  /** The groups that a tab shows. */
  | { readonly type: 'open'; readonly tab: string; readonly groups: readonly GroupId[] }
  /** A new tab, or a new leader, asks the others to say what they show and how they are connected. */
  | { readonly type: 'who' }
  /** Please sync these groups now. */
  | { readonly type: 'sync'; readonly groups: readonly GroupId[]; readonly check?: boolean }
  /** Please ask for the status now: a group was made, joined or left. */
  | { readonly type: 'status' }
  | { readonly type: 'wake' };

/** All tabs of one database, this one included. Alone, it leads at once. */
export interface Tabs {
  /** False where every tab has a store of its own. */
  readonly shared: boolean;
  /** There is no shared store after all. Alone, it leads. */
  goAlone(): void;
  /** Calls back when this tab leads; it does until it is closed. */
  lead(onLead: () => void): void;
  /** One tab at a time. */
  exclusively<T>(what: string, work: () => Promise<T>): Promise<T>;
  post(message: TabMessage): void;
  onMessage(listener: (message: TabMessage) => void): void;
  close(): void;
}

/** The only one. */
export class SingleTab implements Tabs {
  readonly shared = false;

  goAlone(): void {}

  lead(onLead: () => void): void {
    onLead();
  }

  exclusively<T>(_what: string, work: () => Promise<T>): Promise<T> {
    return work();
  }

  post(): void {}
  onMessage(): void {}
  close(): void {}
}

/**
 * Tabs that find each other by BroadcastChannel; whoever holds a Web Lock leads. Without Web Locks (pages that came by
 * plain http from another machine have none) every tab leads: changes are whole, and sends idempotent as long as all send
 * a message with the id that the store holds, which the sender sees to. So this costs traffic and nothing else.
 */
export class BrowserTabs implements Tabs {
  private isAlone = false;
  private readonly channel: BroadcastChannel;
  private readonly ended = new AbortController();
  private startLead: () => void = () => {};
  private endLead: () => void = () => {};

  constructor(
    private readonly database: string,
    private readonly locks: LockManager | undefined,
  ) {
    this.channel = new BroadcastChannel(`tidings:${database}`);
  }

  get shared(): boolean {
    return !this.isAlone;
  }

  goAlone(): void {
    this.isAlone = true;
    this.close();
    this.startLead();
  }

  lead(onLead: () => void): void {
    let leads = false;
    this.startLead = () => {
      if (!leads) onLead();
      leads = true;
    };
    if (!this.locks || this.isAlone) return this.startLead();
    const whileLeading = () => {
      this.startLead();
      return new Promise<void>((resolve) => (this.endLead = resolve));
    };
    this.locks.request(`tidings:${this.database}:leader`, { signal: this.ended.signal }, whileLeading).catch(() => {
      // Closed while it waited.
    });
  }

  async exclusively<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (!this.locks || this.isAlone) return work();
    return (await this.locks.request(`tidings:${this.database}:${what}`, work)) as T;
  }

  post(message: TabMessage): void {
    if (!this.isAlone) this.channel.postMessage(message);
  }

  onMessage(listener: (message: TabMessage) => void): void {
    this.channel.onmessage = (event) => listener(event.data as TabMessage);
  }

  close(): void {
    this.channel.close();
    this.ended.abort();
    this.endLead();
  }
}

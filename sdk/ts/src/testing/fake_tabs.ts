import type { TabMessage, Tabs } from '../platform/tabs.js';

/** The tabs of one database: the first that asks leads; when it closes, the next. */
export class TabHub {
  private readonly tabs: FakeTabs[] = [];
  private readonly waiting: { tab: FakeTabs; onLead: () => void }[] = [];
  private leader?: FakeTabs;
  private exclusive: Promise<unknown> = Promise.resolve();

  tab(): FakeTabs {
    const tab = new FakeTabs(this);
    this.tabs.push(tab);
    return tab;
  }

  lead(tab: FakeTabs, onLead: () => void): void {
    this.waiting.push({ tab, onLead });
    this.choose();
  }

  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.exclusive.then(work, work);
    this.exclusive = done;
    return done;
  }

  post(from: FakeTabs, message: TabMessage): void {
    // As between real tabs: a copy, and later.
    const copy = structuredClone(message);
    queueMicrotask(() => {
      for (const tab of this.tabs) if (tab !== from) tab.listener(copy);
    });
  }

  leave(tab: FakeTabs): void {
    if (!this.tabs.includes(tab)) return;
    this.tabs.splice(this.tabs.indexOf(tab), 1);
    if (this.leader === tab) delete this.leader;
    this.choose();
  }

  private choose(): void {
    if (this.leader) return;
    const next = this.waiting.find(({ tab }) => this.tabs.includes(tab));
    if (!next) return;
    this.waiting.splice(this.waiting.indexOf(next), 1);
    this.leader = next.tab;
    next.onLead();
  }
}

export class FakeTabs implements Tabs {
  shared = true;
  /** As when its process dies before it could say what it did. */
  isMute = false;
  listener: (message: TabMessage) => void = () => {};
  private startLead: () => void = () => {};

  constructor(private readonly hub: TabHub) {}

  goAlone(): void {
    this.shared = false;
    this.hub.leave(this);
    this.startLead();
  }

  lead(onLead: () => void): void {
    let leads = false;
    this.startLead = () => {
      if (!leads) onLead();
      leads = true;
    };
    if (!this.shared) return this.startLead();
    this.hub.lead(this, this.startLead);
  }

  exclusively<T>(_what: string, work: () => Promise<T>): Promise<T> {
    return this.hub.exclusively(work);
  }

  post(message: TabMessage): void {
    if (!this.isMute && this.shared) this.hub.post(this, message);
  }

  onMessage(listener: (message: TabMessage) => void): void {
    this.listener = listener;
  }

  close(): void {
    this.hub.leave(this);
  }
}

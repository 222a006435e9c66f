import { useSyncExternalStore } from 'react';
import type { GroupId } from '@tidings/client';
import { isDialogEntry, onPageEntry } from './in_front';

/** Where in the app one is. Each has an address of its own, so that a reload and the back button work. */
export type Route =
  | { readonly page: 'home' }
  | { readonly page: 'group'; readonly group: GroupId }
  | { readonly page: 'join'; readonly group: GroupId }
  | { readonly page: 'ops'; readonly part: OpsPart };

/** What the operator's page shows. */
export type OpsPart = 'figures' | 'accounts' | 'keys';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const ADDRESS = new RegExp(`^/(g|join)/(${UUID})$`);
const GROUP_ID = new RegExp(UUID);
const OPS_ADDRESSES: Readonly<Record<OpsPart, string>> = { figures: '/ops', accounts: '/ops/accounts', keys: '/ops/keys' };
const OPS_PARTS = Object.keys(OPS_ADDRESSES) as OpsPart[];

export function routeOf(path: string): Route {
  const part = OPS_PARTS.find((one) => OPS_ADDRESSES[one] === path);
  if (part !== undefined) return { page: 'ops', part };
  const [, page, group] = ADDRESS.exec(path) ?? [];
  if (group === undefined) return { page: 'home' };
  return { page: page === 'g' ? 'group' : 'join', group };
}

export function addressOf(route: Route): string {
  if (route.page === 'home') return '/';
  if (route.page === 'ops') return OPS_ADDRESSES[route.part];
  return `/${route.page === 'group' ? 'g' : 'join'}/${route.group}`;
}

/** The group id in whatever somebody was sent: a link of ours, or the bare id. */
export function groupIdIn(text: string): GroupId | undefined {
  return GROUP_ID.exec(text.toLowerCase())?.[0];
}

const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) addEventListener('popstate', tell);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) removeEventListener('popstate', tell);
  };
}

/** From a dialog, its entry becomes that of the page to which it leads; to replace a page is to leave its dialogs first. */
export function navigate(route: Route, how: 'push' | 'replace' = 'push'): void {
  const address = addressOf(route);
  if (address === location.pathname) return;
  const takesDialog = how === 'push' && isDialogEntry();
  if (!takesDialog && onPageEntry(() => navigate(route, how))) return;
  if (takesDialog || how === 'replace') history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  tell();
}

export function useRoute(): Route {
  return routeOf(useSyncExternalStore(subscribe, () => location.pathname));
}

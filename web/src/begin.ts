import { createClient, type Conversation } from '@tidings/client';
import { routeOf } from './base/route';
import { deviceName } from './sign_in/device_name';

/*
 * What somebody who comes back waits for longest is the disk, so this module is evaluated before all others: the store
 * is opened, and what stands in the conversation that the address names is read, while the app begins.
 */
export const client = createClient({ url: location.origin, device: deviceName(navigator.userAgent) });

const route = routeOf(location.pathname);
const first: Conversation | undefined = route.page === 'group' ? client.open(route.group) : undefined;

/** To be called when the first conversation is open where it is shown. */
export function letGoOfFirst(): void {
  first?.close();
}

export type ChatPage = (typeof import('./chat/chat_page'))['default'];

/** Fetched while somebody signs in, so that the first page stays small and the second one waits for nothing. */
export const loadChat = () => import('./chat/chat_page');
let chat: { readonly default: ChatPage } | undefined;
/** If it is there. */
export const loadedChat = () => chat;
loadChat().then((loaded) => (chat = loaded), () => {
  // Without a network: it is tried again when it is needed.
});

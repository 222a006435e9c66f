import { useEffect } from 'react';
import type { Message, UserReference } from '@tidings/client';
import { useClient } from '../base/client';
import { personName } from '../base/names';
import { readPreference } from '../base/preference';
import { addressOf } from '../base/route';
import { playSound } from './sound';

export const SOUND = 'sound';
export const NOTIFICATIONS = 'notifications';
const TEXT_MAX = 160;

async function notify(title: string, message: Message): Promise<void> {
  const options = {
    body: message.text?.slice(0, TEXT_MAX) ?? '', icon: '/icon.svg', data: addressOf({ page: 'group', group: message.group }),
    // One a conversation: a newer message takes the place of the one before.
    tag: message.group,
  };
  const worker = await navigator.serviceWorker?.getRegistration();
  if (worker) await worker.showNotification(title, options);
  else new Notification(title, options);
}

/** Sound and notifications for what arrives while nobody looks, if they were asked for. */
export function useAlerts(me: UserReference): void {
  const client = useClient();
  useEffect(
    () =>
      client.onArrival(({ message, initial }) => {
        if (initial || message.mine || message.from === me || (document.visibilityState === 'visible' && document.hasFocus())) return;
        if (readPreference(SOUND) === 'on') playSound();
        if (readPreference(NOTIFICATIONS) === 'on' && Notification.permission === 'granted') {
          void notify(personName(client.people.snapshot.get(), message.from), message).catch(() => {});
        }
      }),
    [client, me],
  );
}

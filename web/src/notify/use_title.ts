import { useEffect } from 'react';
import type { GroupList } from '@tidings/client';
import { useTexts } from '../i18n/texts';

type Badged = Navigator & { setAppBadge?: (count?: number) => Promise<void> };

/** How much is unread, where it can be seen from another tab or the task bar. */
export function useTitle({ unread }: GroupList): void {
  const say = useTexts();
  const app = say('app');
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) ${app}` : app;
    // Only an installed app has a badge.
    (navigator as Badged).setAppBadge?.(unread).catch(() => {});
  }, [unread, app]);
}

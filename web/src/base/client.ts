import { createContext, useContext } from 'react';
import type { Client } from '@tidings/client';

export const ClientContext = createContext<Client | undefined>(undefined);

/** The one client of this page. */
export function useClient(): Client {
  const client = useContext(ClientContext);
  if (client === undefined) throw new Error('there is no client around this component');
  return client;
}

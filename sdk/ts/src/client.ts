import type { Client, ClientOptions } from './public/client.js';

/** Makes a client. It starts at once: reads its store, and goes on where it was. */
export function createClient(options: ClientOptions): Client {
  throw new Error(`not yet: ${options.url}`);
}

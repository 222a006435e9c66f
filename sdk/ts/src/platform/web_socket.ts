/** As much of a WebSocket as notifications need: the browser's own, or the package `ws`. */
export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  /** Also after an error, and after a connection that never came to be. */
  onclose: ((event: { code: number }) => void) | null;
}

export type OpenSocket = (url: string, protocol: string) => Socket;

import { WebSocket } from 'ws';
import type { OpenSocket, Socket } from './web_socket.js';

/** Node has no WebSocket of its own before version 22. */
export const openSocket: OpenSocket = (url, protocol) => {
  const socket = new WebSocket(url, protocol, { perMessageDeflate: false });
  socket.on('error', () => {}); // `close` follows
  return socket as unknown as Socket;
};

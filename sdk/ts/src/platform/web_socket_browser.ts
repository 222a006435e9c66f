import type { OpenSocket, Socket } from './web_socket.js';

export const openSocket: OpenSocket = (url, protocol) => new WebSocket(url, protocol) as Socket;

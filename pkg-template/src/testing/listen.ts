// A mock server on a TCP port, by the npm package `ws`, in Node.

import { optionalPeer } from '../web-socket.js';
import type { Accept, Link } from './socket.js';

/** Where to listen. */
export interface ListenOptions {
  /** Default: 0, which is any free one. */
  port?: number;
  /** Default: `127.0.0.1`. */
  host?: string;
  /** The class of that name of the npm package `ws`. Default: that of the installed package. */
  WebSocketServer?: new (options: any) => object;
}

/** A server that listens. */
export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** Anybody may send anything as a path. */
const parsed = (path: string, base: string): URL | undefined => {
  try {
    return new URL(path, base);
  } catch {
    return undefined;
  }
};

export const listen = async (accept: Accept, { port = 0, host = '127.0.0.1', WebSocketServer }: ListenOptions): Promise<Listening> => {
  const { createServer } = (globalThis as any).process?.getBuiltinModule?.('node:http') ?? {};
  if (createServer === undefined) throw new TypeError('`listen` needs Node 20.16 or later: elsewhere use `webSocket`');
  const Server: any = WebSocketServer ?? optionalPeer('ws')?.WebSocketServer;
  if (Server === undefined) throw new TypeError('`listen` needs the npm package `ws`, which is not installed: npm install ws');

  const http = createServer((_: any, response: any) => response.writeHead(426).end('This server speaks WebSocket.\n'));
  const upgraded = new Set<any>();
  const name = host.includes(':') ? `[${host}]` : host;
  http.on('upgrade', (request: any, socket: any, head: any) => {
    // A client that is gone before it is answered.
    socket.on('error', () => socket.destroy());
    const offered: string[] = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name: string) => name.trim());
    const url = parsed(request.url, `ws://${name}`);
    if (url === undefined) {
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    // A client that does not answer a close frame is not waited for.
    upgraded.add(socket);
    socket.on('close', () => upgraded.delete(socket));
    const accepted = accept({ url: url.href, subprotocols: offered.filter(Boolean) });
    if (accepted === undefined) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const { subprotocol } = accepted;
    const sockets = new Server({ noServer: true, handleProtocols: () => subprotocol ?? false });
    sockets.handleUpgrade(request, socket, head, (opened: any) => {
      const link: Link = {
        send: (data) => opened.send(data),
        close: (code, reason) => opened.close(code, reason),
        // What was sent before comes first.
        lose: () => socket.destroySoon(),
      };
      const handlers = accepted.opened(link);
      opened.on('error', () => {});
      opened.on('message', (data: any) => handlers.received(String(data)));
      opened.on('close', (code: number, reason: any) => handlers.closed(code, String(reason)));
    });
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject).listen(port, host, resolve);
  });
  return {
    url: `ws://${name}:${http.address().port}/graphql`,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
        for (const socket of upgraded) socket.destroySoon();
      }),
  };
};

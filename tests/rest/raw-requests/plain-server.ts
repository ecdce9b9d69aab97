// A server of node:http as it comes, which answers as ours would what it has read.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PlainServer {
  readonly port: number;
  stop(): void;
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('error', () => undefined);
  request.on('end', () => {
    const row = /SELECT (\d+)/.exec(Buffer.concat(parts).toString('latin1'))?.[1];
    const rows = row === undefined ? [] : [{ n: Number(row) }];
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ method: request.method, url: request.url, rows }));
  });
}

export async function startPlainServer(): Promise<PlainServer> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

import pg from 'pg';

export function connection(port: number): pg.Client {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'rustydb',
    database: 'rustydb',
    connectionTimeoutMillis: 30_000,
  });
  // Where the server dies on purpose, queries on their way reject: that is where it is dealt with.
  client.on('error', () => undefined);
  return client;
}

// A peer of the bench `rest`: the same endpoint as one writes it without us. A program of its own,
// told what it is by its arguments; prints its port.
//
//     node rest-peer.ts express-pg PORT USER DATABASE      Express 5, pg with its pool, PostgreSQL
//     node rest-peer.ts http-sqlite FILE                   node:http, better-sqlite3
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Sqlite from 'better-sqlite3';
import express from 'express';
import pg from 'pg';

interface QueryBody {
  readonly sql: string;
  readonly params: unknown[];
}

const [kind, ...args] = process.argv.slice(2);

function expressPg(port: number, user: string, database: string): Server {
  const pool = new pg.Pool({ host: '127.0.0.1', port, user, database, max: 16 });
  // Each statement is prepared once, as PostgreSQL likes it best.
  const names = new Map<string, string>();
  const nameOf = (sql: string): string => {
    const name = names.get(sql) ?? `s${names.size}`;
    names.set(sql, name);
    return name;
  };
  const app = express();
  app.post('/api/v1/query', express.json(), async (request, response) => {
    const { sql, params } = request.body as QueryBody;
    const { rows, rowCount } = await pool.query({ name: nameOf(sql), text: sql, values: params });
    response.json({ rows, rowCount });
  });
  return createServer(app);
}

function httpSqlite(file: string): Server {
  const database = new Sqlite(file, { readonly: true });
  const statements = new Map<string, Sqlite.Statement>();
  const prepared = (sql: string): Sqlite.Statement => {
    const statement = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { sql, params } = JSON.parse(Buffer.concat(parts).toString()) as QueryBody;
      const rows = prepared(sql).all(...params);
      const body = JSON.stringify({ rows, rowCount: rows.length });
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      });
      response.end(body);
    });
  });
}

const server =
  kind === 'express-pg'
    ? expressPg(Number(args[0]), String(args[1]), String(args[2]))
    : httpSqlite(String(args[0]));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});

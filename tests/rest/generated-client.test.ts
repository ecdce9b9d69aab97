// A client that a public generator makes of the OpenAPI document: it compiles, and every operation
// works through it.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { type RestServer, startRestServer } from '../support/rest-client.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Generating and compiling. */
const TIMEOUT_MS = 180_000;

interface Calls {
  readonly CALLS: Readonly<Record<string, () => Promise<void>>>;
  use(baseUrl: string, send: typeof fetch): void;
}

let rest: RestServer;
// In the tree, so that what the client imports is found.
const folder = mkdtempSync(join(ROOT, 'tests/rest/.client-'));

test.before(async (t) => {
  t.timeout(TIMEOUT_MS);
  rest = await startRestServer();
});

test.after.always(async () => {
  rmSync(folder, { recursive: true, force: true });
  await rest?.stop();
});

const runTool = (name: string, ...args: readonly string[]) =>
  spawnSync(join(ROOT, 'node_modules/.bin', name), args, { encoding: 'utf8' });

test.serial('a client is generated and compiles', async (t) => {
  t.timeout(TIMEOUT_MS);
  const document = join(folder, 'openapi.json');
  writeFileSync(document, (await rest.request('/openapi.json')).text);
  const made = runTool('oazapfts', document, join(folder, 'api.ts'), '--useUnknown');
  t.is(made.status, 0, made.stderr);
  cpSync(join(import.meta.dirname, 'client'), folder, { recursive: true });
  const compiled = runTool('tsc', '--noEmit', '-p', folder);
  t.is(compiled.status, 0, compiled.stdout);
});

test.serial('every operation works through it', async (t) => {
  const { CALLS, use } = (await import(
    pathToFileURL(join(folder, 'calls.ts')).href
  )) as unknown as Calls;
  use(rest.url, (url, init) => rest.contract.fetch(String(url), init));
  const { body } = await rest.request('/openapi.json');
  for (const [name, call] of Object.entries(CALLS)) {
    await t.notThrowsAsync(call, name);
  }
  const operations = Object.values(body.paths as Record<string, object>).flatMap((path) =>
    Object.values(path).map(({ operationId }: { operationId: string }) => operationId),
  );
  t.deepEqual([...rest.contract.called].toSorted(), operations.toSorted());
});

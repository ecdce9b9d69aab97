// The examples of the manual that a shell runs. A block of `sh` whose first line is `# example` is
// run, with `$API` and `$PORT` of a server that all examples of its page share, and prints what the
// block of `text` or `json` behind it says; in JSON `"..."` stands for any value.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { startTestServer } from '../support/server.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const EXAMPLE = /```sh\n# example\n([\s\S]*?)```\n(?:\n```(text|json)\n([\s\S]*?)```)?/g;
/** Of a run of all the examples of a page. */
const TIMEOUT_MS = 60_000;

interface Example {
  readonly code: string;
  readonly kind: string | undefined;
  readonly printed: string;
  /** In the page, from 1. */
  readonly line: number;
}

function examplesOf(text: string): readonly Example[] {
  return [...text.matchAll(EXAMPLE)].map(({ 1: code = '', 2: kind, 3: printed = '', index }) => ({
    code,
    kind,
    printed,
    line: text.slice(0, index).split('\n').length,
  }));
}

/** The value with `...` where the pattern has it. */
function masked(value: unknown, pattern: unknown): unknown {
  if (pattern === '...') return '...';
  if (Array.isArray(value) && Array.isArray(pattern)) {
    return value.map((element, at) => masked(element, pattern[at]));
  }
  if (typeof value !== 'object' || value === null) return value;
  const patterns = (pattern ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, masked(one, patterns[name])]),
  );
}

function check(t: ExecutionContext, { kind, printed, line }: Example, stdout: string): void {
  if (kind === undefined) return;
  if (kind === 'text') {
    t.is(stdout.replaceAll('\r', '').trim(), printed.trim(), `line ${line}`);
    return;
  }
  const expected: unknown = JSON.parse(printed);
  t.deepEqual(masked(JSON.parse(stdout), expected), expected, `line ${line}: ${stdout}`);
}

for (const page of readdirSync(DOCS).filter((name) => name.endsWith('.md'))) {
  const examples = examplesOf(readFileSync(join(DOCS, page), 'utf8'));
  if (examples.length === 0) continue;
  test(`${page}: ${examples.length} examples`, async (t) => {
    t.timeout(TIMEOUT_MS);
    const server = await startTestServer();
    t.teardown(() => server.stop());
    const folder = mkdtempSync(join(tmpdir(), 'rustydb-examples-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const env = {
      ...process.env,
      API: `http://localhost:${server.httpPort}/api/v1`,
      PORT: String(server.port),
    };
    for (const example of examples) {
      const run = promisify(execFile)('sh', ['-euc', example.code], { env, cwd: folder });
      const { stdout } = await run.catch((error: Error) => {
        throw new Error(`docs/${page}:${example.line}: ${error.message}`, { cause: error });
      });
      check(t, example, stdout);
    }
  });
}

test('a page of examples has them', (t) => {
  const text = readFileSync(join(DOCS, 'rest.md'), 'utf8');
  t.true(examplesOf(text).length >= 15);
  // None that the pattern passes over.
  t.is(examplesOf(text).length, (text.match(/^# example$/gm) ?? []).length);
});

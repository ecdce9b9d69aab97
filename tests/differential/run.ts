// Compares this server with a real PostgreSQL 15 over generated schemas, data and statements:
//
//     node tests/differential/run.ts [--statements 100000] [--seed 1] [--differences 20]
//
// Prints what differs, with the seed of its schema, and ends with 1 if anything does.
import { parseArgs } from 'node:util';
import { startOracle } from '../support/oracle.ts';
import { startTestServer } from '../support/server.ts';
import { compare } from './compare.ts';

const { values } = parseArgs({
  options: {
    statements: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    differences: { type: 'string', default: '20' },
  },
});

const oracle = await startOracle();
const server = await startTestServer({ flags: ['--data.sync', 'off'] });
try {
  const { statements, refused, undecided, notBuilt, differences } = await compare({
    oursUrl: `postgres://rustydb@127.0.0.1:${server.port}/rustydb`,
    theirsUrl: oracle.url,
    seed: Number(values.seed),
    statements: Number(values.statements),
    maxDifferences: Number(values.differences),
    onProgress: (done, found) =>
      process.stderr.write(`\r${done} statements, ${found} differences `),
  });
  process.stderr.write('\n');
  for (const { seed, sql, what, ours, theirs } of differences) {
    const show = (answer: object): string => JSON.stringify(answer).slice(0, 600);
    process.stdout.write(
      `seed ${seed}: ${what}\n${sql}\n  ours:   ${show(ours)}\n  theirs: ${show(theirs)}\n\n`,
    );
  }
  for (const [what, count] of notBuilt)
    process.stdout.write(`not built, ${count} times: ${what}\n`);
  process.stdout.write(
    `${statements} statements, ${refused} refused by both, ${undecided} undecided, ${differences.length} differences\n`,
  );
  process.exitCode = differences.length === 0 ? 0 : 1;
} finally {
  await server.stop();
  await oracle.stop();
}

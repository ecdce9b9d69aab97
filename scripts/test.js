// `npm test`: every runner, a table of counts, and one last plain line over all of them.
//
//   npm test                    everything
//   npm test -- ava cargo       only these runners
//   npm test -- --list          what runners there are
//
// A runner is a file of scripts/runners/ that exports `runner`:
//   { name, what, run(report) }
// `run` resolves to `{ passed, failed, skipped }`: counts of passed tests, and lists of
// `{ name, why }` for the other two. `report(line)` shows a line at once. Skipping is for outside
// programs that are absent, `why` naming the package that brings them; nothing else may be skipped.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './lib/paths.js';
import { main, ScriptError } from './lib/run.js';

/** Narrow and quick runners first: what they find is cheaper to learn early. */
const ORDER = ['cargo', 'ava', 'slt', 'drivers'];

async function loadRunners() {
  const folder = join(ROOT, 'scripts/runners');
  const files = readdirSync(folder).filter((name) => name.endsWith('.js'));
  const modules = await Promise.all(
    files.map((file) => import(pathToFileURL(join(folder, file)).href)),
  );
  const place = ({ name }) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return modules
    .map((module) => module.runner)
    .filter((runner) => runner !== undefined)
    .sort((a, b) => place(a) - place(b) || a.name.localeCompare(b.name));
}

function choose(runners, filters) {
  const unknown = filters.filter((filter) => !runners.some(({ name }) => name === filter));
  if (unknown.length > 0) {
    const names = runners.map(({ name }) => name).join(', ');
    throw new ScriptError(`no runner ${unknown.join(', ')}; there are: ${names}`);
  }
  return filters.length === 0 ? runners : runners.filter(({ name }) => filters.includes(name));
}

async function runOne(runner) {
  const began = performance.now();
  process.stdout.write(`\n== ${runner.name}: ${runner.what}\n`);
  const report = (line) => process.stdout.write(`${line}\n`);
  let result;
  try {
    result = await runner.run(report);
  } catch (error) {
    const why = error instanceof ScriptError ? error.message : error.stack;
    report(why);
    result = { passed: 0, failed: [{ name: `${runner.name} itself`, why }], skipped: [] };
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  return { name: runner.name, seconds, ...result };
}

function table(results) {
  const rows = [['runner', 'passed', 'failed', 'skipped', 'seconds']];
  for (const { name, passed, failed, skipped, seconds } of results) {
    rows.push([name, passed, failed.length, skipped.length, seconds].map(String));
  }
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const cell = (text, column) =>
    column === 0 ? text.padEnd(widths[column]) : text.padStart(widths[column]);
  return rows.map((row) => row.map(cell).join('  ')).join('\n');
}

function lastLine(results) {
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed.length, 0);
  const skipped = results.reduce((sum, result) => sum + result.skipped.length, 0);
  const tail = skipped > 0 ? `, ${skipped} skipped` : '';
  return { line: `${passed} passed, ${failed} failed${tail}`, ok: failed === 0 && passed > 0 };
}

await main(async () => {
  const runners = await loadRunners();
  const args = process.argv.slice(2);
  if (args.includes('--list')) {
    for (const { name, what } of runners) process.stdout.write(`${name}: ${what}\n`);
    return 0;
  }
  const results = [];
  for (const runner of choose(runners, args)) results.push(await runOne(runner));
  process.stdout.write(`\n${table(results)}\n`);
  for (const { name, failed, skipped } of results) {
    for (const test of failed) process.stdout.write(`failed: ${name}: ${test.name}\n`);
    for (const test of skipped)
      process.stdout.write(`skipped: ${name}: ${test.name}: ${test.why}\n`);
  }
  const { line, ok } = lastLine(results);
  process.stdout.write(`\n${line}\n`);
  return ok ? 0 : 1;
});

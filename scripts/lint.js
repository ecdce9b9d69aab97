// `npm run lint`: format, lints and types of both languages, all of them even if one fails.
// `npm run fix` (--fix) mends what the tools can mend.
import { BUILD_TOOLS, requireTools } from './check-tools.js';
import { cargoEnvironment } from './lib/libclang.js';
import { bin, ROOT } from './lib/paths.js';
import { main, run, ScriptError } from './lib/run.js';

// Not --all-targets: it would test the binding, whose exports nobody calls outside of Node.
const TARGETS = ['--lib', '--bins', '--tests', '--examples'];
const CLIPPY = ['clippy', '--workspace', ...TARGETS, '--locked', '--quiet'];
const DENIED = ['warnings', 'clippy::undocumented_unsafe_blocks'].flatMap((lint) => ['-D', lint]);

const CHECKS = [
  { name: 'biome', command: bin('biome'), args: ['ci', '--error-on-warnings', '.'] },
  { name: 'types', command: bin('tsc'), args: ['--noEmit'] },
  { name: 'rustfmt', command: 'cargo', args: ['fmt', '--all', '--check'] },
  { name: 'clippy', command: 'cargo', args: [...CLIPPY, '--', ...DENIED] },
];

const FIXES = [
  { name: 'biome', command: bin('biome'), args: ['check', '--write', '.'] },
  { name: 'rustfmt', command: 'cargo', args: ['fmt', '--all'] },
];

await main(() => {
  requireTools(BUILD_TOOLS);
  const env = cargoEnvironment();
  const failed = [];
  for (const { name, command, args } of process.argv.includes('--fix') ? FIXES : CHECKS) {
    process.stderr.write(`== ${name}\n`);
    try {
      run(command, args, { cwd: ROOT, env });
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      failed.push(name);
    }
  }
  if (failed.length > 0) throw new ScriptError(`failed: ${failed.join(', ')}`);
});

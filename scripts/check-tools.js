// The outside programs that a build from source needs. Everything else comes with the locked
// dependencies; libclang is brought by the set-up itself (scripts/lib/libclang.js).
//
// Run alone, it prints one line for each program that is missing and exits with 1.
import { pathToFileURL } from 'node:url';
import { answers, capture, main, ScriptError } from './lib/run.js';

const RUST_MIN = [1, 95];

function cargoIsOld() {
  const version = /^cargo (\d+)\.(\d+)/.exec(capture('cargo', ['--version']) ?? '');
  if (version === null) return false;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  return major < RUST_MIN[0] || (major === RUST_MIN[0] && minor < RUST_MIN[1]);
}

const TOOLS = [
  {
    name: 'npm',
    works: () => answers('npm', ['--version']),
    brings: 'Node.js 20 or newer with npm (https://nodejs.org, Debian: npm)',
  },
  {
    name: 'cargo',
    works: () => answers('cargo', ['--version']),
    brings: `Rust ${RUST_MIN.join('.')} or newer (https://rustup.rs)`,
  },
  {
    name: `cargo ${RUST_MIN.join('.')}`,
    works: () => !cargoIsOld(),
    brings: 'it with `rustup update stable`',
  },
  {
    name: 'g++',
    works: () => answers(process.env.CXX || 'g++', ['--version']),
    brings: 'a C++ compiler (Debian: g++, Fedora: gcc-c++, macOS: xcode-select --install)',
  },
  {
    name: 'python3',
    works: () => answers('python3', ['--version']),
    brings: 'Python 3 (Debian and Fedora: python3)',
  },
  {
    name: 'pip of python3',
    works: () => answers('python3', ['-m', 'pip', '--version']),
    brings: 'pip (Debian and Fedora: python3-pip)',
  },
];

/** One line for each missing tool of `names`, or of all tools. */
export function missingTools(names = TOOLS.map((tool) => tool.name)) {
  return TOOLS.filter((tool) => names.includes(tool.name) && !tool.works()).map(
    (tool) => `missing ${tool.name}: install ${tool.brings}`,
  );
}

/** Throws with one line for each missing tool. */
export function requireTools(names) {
  const missing = missingTools(names);
  if (missing.length > 0) throw new ScriptError(missing.join('\n'));
}

/** What the addon's build needs before anything else is tried. */
export const BUILD_TOOLS = ['cargo', `cargo ${RUST_MIN.join('.')}`, 'g++'];

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(() => {
    requireTools();
    process.stderr.write('every tool is there\n');
  });
}

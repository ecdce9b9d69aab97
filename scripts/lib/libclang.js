// The SQL parser's build runs bindgen, which needs libclang. Where the machine has none, the wheel
// `libclang` is fetched with pip into the cache and unpacked; it lacks the compiler's own headers,
// so bindgen is pointed at gcc's.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { requireTools } from '../check-tools.js';
import { CACHE, TARGET } from './paths.js';
import { capture, run, ScriptError } from './run.js';
import { filesBelow } from './stamp.js';

const HOME = join(CACHE, 'libclang');
const VERSION = '18.1.1';
const IS_LIBRARY = /^libclang(-[\d.]+)?\.(so|dylib|dll)(\.[\d.]+)?$/;

function holdsLibrary(folder) {
  return existsSync(folder) && readdirSync(folder).some((name) => IS_LIBRARY.test(name));
}

function versionsOfLlvm(parent) {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => /^llvm(-\d+)?$/.test(name))
    .map((name) => join(parent, name, 'lib'));
}

/** A folder of the system with a libclang in it. */
function systemFolder() {
  const fromConfig = capture('llvm-config', ['--libdir']);
  const candidates = [
    ...(fromConfig ? [fromConfig] : []),
    ...versionsOfLlvm('/usr/lib').sort().reverse(),
    ...versionsOfLlvm('/usr/local/opt'),
    ...versionsOfLlvm('/opt/homebrew/opt'),
    '/usr/lib64',
    '/usr/lib',
    '/usr/lib/x86_64-linux-gnu',
    '/usr/lib/aarch64-linux-gnu',
    '/usr/local/lib',
    '/Library/Developer/CommandLineTools/usr/lib',
  ];
  return candidates.find(holdsLibrary);
}

/** The folder of the library inside the unpacked wheel in the cache. */
function cachedFolder() {
  if (!existsSync(HOME)) return undefined;
  const library = filesBelow(HOME).find((file) =>
    IS_LIBRARY.test(file.slice(dirname(file).length + 1)),
  );
  return library && dirname(library);
}

/** Fetches and unpacks the wheel beside its final place, then renames it there. */
function bring() {
  requireTools(['python3', 'pip of python3']);
  process.stderr.write('set-up: no libclang on this machine, fetching it with pip\n');
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, 'libclang-'));
  try {
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', work];
    run('python3', [...pip, `libclang==${VERSION}`]);
    const wheel = readdirSync(work).find((name) => name.endsWith('.whl'));
    run('python3', ['-m', 'zipfile', '-e', join(work, wheel), work]);
    rmSync(join(work, wheel));
    rmSync(HOME, { recursive: true, force: true });
    renameSync(work, HOME);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    const why = error instanceof ScriptError ? error.message : String(error);
    throw new ScriptError(
      `missing libclang: install it (Debian: libclang-dev, Fedora: clang-libs) (${why})`,
    );
  }
}

/**
 * The environment for cargo. The same words every time, whichever script calls: bindgen's build
 * script runs again whenever one of them changes.
 */
export function cargoEnvironment() {
  const env = { ...process.env, CARGO_TARGET_DIR: TARGET };
  if (!env.LIBCLANG_PATH) {
    let folder = cachedFolder();
    if (folder === undefined) {
      const system = systemFolder();
      if (system !== undefined) return env;
      bring();
      folder = cachedFolder();
    }
    env.LIBCLANG_PATH = folder;
  }
  if (!env.BINDGEN_EXTRA_CLANG_ARGS && env.LIBCLANG_PATH.startsWith(HOME)) {
    const include = capture('gcc', ['-print-file-name=include']);
    if (include) env.BINDGEN_EXTRA_CLANG_ARGS = `-isystem ${include}`;
  }
  return env;
}

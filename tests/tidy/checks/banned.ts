// Calls that server code does not make, each with what to use instead.
import { blankRust, blankRustTests, blankTs } from '../blank.ts';
import {
  isRust,
  isRustTest,
  isServerTs,
  lineOf,
  type Problem,
  type SourceFile,
} from '../source-file.ts';

interface Ban {
  readonly pattern: RegExp;
  readonly instead: string;
  /** Where it may stand after all: the place that wraps it. */
  readonly except?: RegExp;
}

const RUST: readonly Ban[] = [
  {
    pattern: /\bstd::thread\b/g,
    instead: 'common::rt::thread',
    except: /^native\/common\/src\/rt\//,
  },
  {
    pattern: /\bstd::time::(Instant|SystemTime)\b|\b(Instant|SystemTime)::now\b/g,
    instead: 'common::rt::clock',
    except: /^native\/common\/src\/rt\//,
  },
  {
    pattern: /\bstd::time::\{[^}]*\b(Instant|SystemTime)\b/g,
    instead: 'common::rt::clock',
    except: /^native\/common\/src\/rt\//,
  },
  {
    pattern: /\bstd::sync::(\{[^}]*\b)?(Mutex|RwLock|Condvar|mpsc)\b/g,
    instead: 'common::rt',
    except: /^native\/common\/src\/rt\//,
  },
  { pattern: /\b(rand|fastrand|getrandom)::/g, instead: 'common::rt::random' },
  {
    pattern: /\bstd::fs\b/g,
    instead: 'common::vfs',
    except: /^native\/(common\/src\/(vfs|rt)|storage\/src\/vfs_os)(\.rs|\/)/,
  },
  { pattern: /\b(println|eprintln|print|eprint|dbg)!/g, instead: 'an error or a metric' },
  { pattern: /\b(todo|unimplemented)!/g, instead: 'Error::not_implemented' },
  { pattern: /\.unwrap\(\)/g, instead: '`?`, or expect("why it holds")' },
];

const TS: readonly Ban[] = [
  { pattern: /\bnew (Map|Set)\b/g, instead: 'BoundedMap of ts/util', except: /^ts\/util\// },
  { pattern: /\bconsole\./g, instead: 'the Logger that is passed in' },
  {
    pattern: /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/g,
    instead: 'the Clock of ts/util/clock.ts',
    except: /^ts\/(util\/clock|monitoring\/pino-logger)\.ts$/,
  },
  { pattern: /\bMath\.random\b/g, instead: 'node:crypto', except: /^ts\/util\// },
  {
    pattern: /\b(setTimeout|setInterval)\b/g,
    instead: 'the Clock of ts/util/clock.ts',
    except: /^ts\/util\//,
  },
  {
    pattern: /\bprocess\.(exit|env)\b/g,
    instead: 'what ts/commands/program.ts passes in',
    except: /^ts\/(main|commands\/program)\.ts$/,
  },
  { pattern: /\bexport default\b/g, instead: 'a named export' },
  { pattern: /@ts-(ignore|nocheck)/g, instead: 'a type that fits' },
];

function search(path: string, code: string, bans: readonly Ban[]): readonly Problem[] {
  return bans
    .filter(({ except }) => except === undefined || !except.test(path))
    .flatMap(({ pattern, instead }) =>
      [...code.matchAll(pattern)].map(
        (found) =>
          `${path}:${lineOf(code, found.index)}: ${found[0].split('\n')[0]} is banned, use ${instead}`,
      ),
    );
}

export function checkBanned(files: readonly SourceFile[]): readonly Problem[] {
  return files.flatMap((file) => {
    if (isServerTs(file)) return search(file.path, blankTs(file.text), TS);
    // The simulator is what stands under `common::rt` in tests, and part of no server.
    const isHelper = /^native\/sim\/|build\.rs$/.test(file.path);
    const isNative = isRust(file) && !isRustTest(file) && !isHelper;
    return isNative ? search(file.path, blankRustTests(blankRust(file.text)), RUST) : [];
  });
}

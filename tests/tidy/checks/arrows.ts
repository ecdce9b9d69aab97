// Who may import whom. Native crates import only crates above them in the list; folders of ts/ only
// folders of a lower rank; nothing but server.ts and front-thread.ts imports a surface.
import { posix } from 'node:path';
import type { Problem, SourceFile } from '../source-file.ts';

/** The native crates, first the one that all others may import. */
export const CRATES = [
  'common',
  'simd',
  'compress',
  'types',
  'functions',
  'parser',
  'storage',
  'txn',
  'index',
  'table',
  'catalog',
  'sql',
  'registry',
  'engine',
  'codec',
  'sim',
] as const;

/** What a binding may import beside libraries. */
const BOUNDARY = ['common', 'simd', 'engine', 'registry', 'policy', 'codec'];

/** Folders and files of ts/ by rank: an import goes to a lower rank or stays in its folder. */
const RANKS: readonly (readonly string[])[] = [
  ['errors', 'version.ts'],
  ['util'],
  ['config', 'monitoring'],
  ['host', 'audit', 'server-contract.ts'],
  ['native'],
  ['engine'],
  ['pool'],
  ['sessions', 'auth', 'limits'],
  ['gateway', 'services', 'ports', 'cluster', 'jobs', 'embedded', 'fronts'],
  ['rest', 'graphql', 'ws', 'wire'],
  ['server.ts', 'front-thread.ts', 'index.ts', 'terminal'],
  ['commands'],
  ['main.ts'],
];

const SURFACES = ['rest', 'graphql', 'ws', 'wire'];
/** What puts surfaces together, for a process and for one of its threads. */
const COMPOSERS = ['server.ts', 'front-thread.ts'];

/** Packages that one folder wraps for all others. */
const WRAPPED: Readonly<Record<string, string>> = {
  koffi: 'host',
  pino: 'monitoring',
  pg: 'terminal',
  'pg-copy-streams': 'terminal',
};

const rankOf = (part: string): number => RANKS.findIndex((parts) => parts.includes(part));

/** The specifiers of every import and re-export of a module. */
export function importsOf(text: string): readonly string[] {
  const pattern = /(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)(['"])([^'"\n]+)\1/g;
  return [...text.matchAll(pattern)].map((found) => found[2] ?? '');
}

function partOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function checkImport(file: SourceFile, specifier: string): readonly Problem[] {
  const from = partOf(file.path);
  const fault = (why: string) => [`${file.path}: imports ${specifier}: ${why}`];
  if (!specifier.startsWith('.')) {
    const owner = WRAPPED[specifier];
    return owner === undefined || owner === from ? [] : fault(`only ts/${owner} may`);
  }
  const target = posix.join(posix.dirname(file.path), specifier);
  if (target.startsWith('bindings/')) {
    return from === 'native' ? [] : fault('only ts/native loads the addons');
  }
  if (!target.startsWith('ts/')) return fault('it leaves ts/');
  const to = partOf(target);
  if (to === from) return [];
  if (rankOf(to) === -1) return fault(`ts/${to} has no rank in tests/tidy`);
  if (SURFACES.includes(to) && !COMPOSERS.includes(from)) {
    return fault(`only ${COMPOSERS.join(' and ')} may`);
  }
  return rankOf(to) < rankOf(from) ? [] : fault(`ts/${from} stands below ts/${to}`);
}

export function checkTsArrows(files: readonly SourceFile[]): readonly Problem[] {
  return files
    .filter(({ path }) => path.startsWith('ts/') && path.endsWith('.ts'))
    .filter(({ path }) => !path.startsWith('ts/client/') && !path.startsWith('ts/console/'))
    .flatMap((file) => {
      if (rankOf(partOf(file.path)) === -1) {
        return [`${file.path}: ts/${partOf(file.path)} has no rank in tests/tidy`];
      }
      return importsOf(file.text).flatMap((specifier) => checkImport(file, specifier));
    });
}

/** The crates of ours that a manifest names in [dependencies] and [build-dependencies]. */
function dependenciesOf(manifest: string): readonly string[] {
  const sections = manifest.split(/^\[/m).filter((part) => /^(build-)?dependencies\]/.test(part));
  return sections.flatMap((part) =>
    [...part.matchAll(/^rustydb-(\w+)/gm)].map((found) => found[1] ?? ''),
  );
}

export function checkCrateArrows(files: readonly SourceFile[]): readonly Problem[] {
  const order: readonly string[] = CRATES;
  return files.flatMap(({ path, text }) => {
    const native = /^native\/(\w+)\/Cargo\.toml$/.exec(path)?.[1];
    const isBinding = /^bindings\/\w+\/Cargo\.toml$/.test(path);
    if (native !== undefined && !order.includes(native)) {
      return [`${path}: the crate has no place in the order of tests/tidy`];
    }
    const mayImport = (name: string) =>
      isBinding
        ? BOUNDARY.includes(name)
        : order.includes(name) && order.indexOf(name) < order.indexOf(native ?? '');
    if (native === undefined && !isBinding) return [];
    return dependenciesOf(text)
      .filter((name) => !mayImport(name))
      .map((name) => `${path}: may not import rustydb-${name}`);
  });
}

// Every path that the documents name is there.
import { posix } from 'node:path';
import type { Problem, SourceFile } from '../source-file.ts';

const DOCUMENT = /^(README|ARCHITECTURE|CONTRIBUTING|CHANGELOG)\.md$|^docs\/.*\.md$/;
const FOLDER = /^(native|bindings|ts|tests|benches|scripts|docs|tools|\.ci)\//;
const ROOT_FILE = /^[A-Za-z][\w-]*\.(md|json|toml|gyp)$/;

/** Made by the set-up, never committed. */
const BUILT = /^bindings\/(node|simd)\/.*(\.node|index\.(js|d\.ts))$/;

/** The paths of a document: links relative to it, and code words that start at the root. */
function pathsIn({ path, text }: SourceFile): readonly string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  const links = [...prose.matchAll(/\]\((?!\w+:|#)([^)#\s]+)[^)]*\)/g)].map((found) =>
    posix.join(posix.dirname(path), found[1] ?? ''),
  );
  const words = [...prose.matchAll(/`([^`\s]+)`/g)]
    .map((found) => (found[1] ?? '').replace(/:\d+$/, ''))
    .filter((word) => FOLDER.test(word) || ROOT_FILE.test(word));
  return [...links, ...words];
}

/** `exists` is asked for paths from the root; a `*` or `<name>` stands for any name. */
export function checkDocuments(
  files: readonly SourceFile[],
  exists: (path: string) => boolean,
): readonly Problem[] {
  return files
    .filter(({ path }) => DOCUMENT.test(path))
    .flatMap((file) =>
      pathsIn(file)
        .map((named) => named.replace(/\/$/, ''))
        .filter((named) => named !== '.' && !BUILT.test(named))
        .filter((named) => named !== 'config.toml' && named !== 'rustydb.toml')
        .filter((named) => !exists(named.replace(/\/?[^/]*[*<{].*$/, '') || '.'))
        .map((named) => `${file.path}: names ${named}, which is not there`),
    );
}

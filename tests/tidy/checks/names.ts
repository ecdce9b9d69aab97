// File names: kebab-case for TypeScript and scripts, snake_case for Rust.
import { posix } from 'node:path';
import type { Problem, SourceFile } from '../source-file.ts';

const STYLES = [
  {
    extension: /\.(ts|js)$/,
    name: /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench|d))?\.(ts|js)$/,
    style: 'kebab-case',
  },
  { extension: /\.rs$/, name: /^[a-z0-9]+(_[a-z0-9]+)*\.rs$/, style: 'snake_case' },
];

export function checkNames(files: readonly SourceFile[]): readonly Problem[] {
  return files.flatMap(({ path }) => {
    const name = posix.basename(path);
    return STYLES.filter((style) => style.extension.test(name) && !style.name.test(name)).map(
      ({ style }) => `${path}: the name is not in ${style}`,
    );
  });
}

// Every function that the addon exports catches panics: a panic that leaves a plain one ends the
// process. Either `#[napi(catch_unwind)]`, or a body that goes through `guard(`.
import { blankRust, endOfBlock } from '../blank.ts';
import { lineOf, type Problem, type SourceFile } from '../source-file.ts';

export function checkGuards(files: readonly SourceFile[]): readonly Problem[] {
  return files
    .filter(({ path }) => /^bindings\/\w+\/src\/.*\.rs$/.test(path))
    .flatMap(({ path, text }) => {
      const code = blankRust(text);
      const attribute =
        /#\[napi(\([^\]]*\))?\]\s*(?:#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?(?:unsafe\s+)?(?:async\s+)?fn\s+(\w+)/g;
      return [...code.matchAll(attribute)].flatMap((found) => {
        const [whole, options, name] = found;
        if (options?.includes('catch_unwind')) return [];
        const open = code.indexOf('{', found.index + whole.length);
        if (/\bguard\w*\(/.test(code.slice(open, endOfBlock(code, open)))) return [];
        return [`${path}:${lineOf(code, found.index)}: ${name} is exported without a panic guard`];
      });
    });
}

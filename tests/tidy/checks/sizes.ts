// Size caps: a file has at most 500 lines, a function 70. Tests and generated files are free.
import { blankRust, blankRustTests, blankTsTypes, endOfBlock } from '../blank.ts';
import {
  isGenerated,
  isRust,
  isRustTest,
  isServerTs,
  lineOf,
  type Problem,
  type SourceFile,
} from '../source-file.ts';

export const FILE_LINES_MAX = 500;
export const FUNCTION_LINES_MAX = 70;

/** Offenders that were there before the check, with their length then. It may only shrink. */
export interface Allowed {
  readonly files: Readonly<Record<string, number>>;
  /** `path name` -> lines. */
  readonly functions: Readonly<Record<string, number>>;
}

interface Measured {
  readonly name: string;
  readonly lines: number;
}

const CONTROL = /\b(if|for|while|switch|catch|with)\s*$/;

/** The offset of the parenthesis that `close` closes. */
function openingOf(blanked: string, close: number): number {
  let depth = 0;
  for (let index = close; index >= 0; index -= 1) {
    if (blanked[index] === ')') depth += 1;
    else if (blanked[index] === '(') {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return 0;
}

/** Functions of TypeScript: a block behind `=>` or behind a list that no control word opens. */
export function measureTs(text: string): readonly Measured[] {
  const code = blankTsTypes(text);
  const found: Measured[] = [];
  for (let open = code.indexOf('{'); open !== -1; open = code.indexOf('{', open + 1)) {
    const before = code.slice(0, open).trimEnd();
    let name: string | undefined;
    if (before.endsWith('=>'))
      name = /(\w+)\s*[=:][^=;{}]*=>$/.exec(before.slice(-300))?.[1] ?? '=>';
    else if (before.endsWith(')')) {
      const head = before.slice(0, openingOf(before, before.length - 1)).trimEnd();
      if (!CONTROL.test(head)) name = /[\w#]+$/.exec(head)?.[0] ?? 'function';
    }
    if (name === undefined) continue;
    const lines = lineOf(code, endOfBlock(code, open) - 1) - lineOf(code, open) + 1;
    found.push({ name, lines });
  }
  return found;
}

/** Functions of Rust, from `fn` to the end of the body. */
export function measureRust(text: string): readonly Measured[] {
  const code = blankRustTests(blankRust(text));
  const found: Measured[] = [];
  const head = /\bfn\s+(\w+)/g;
  for (let match = head.exec(code); match !== null; match = head.exec(code)) {
    // The body opens at the first brace outside parentheses and brackets; `;` ends a signature.
    let depth = 0;
    let index = head.lastIndex;
    for (; index < code.length; index += 1) {
      const character = code[index] ?? '';
      if ('(['.includes(character)) depth += 1;
      else if (')]'.includes(character)) depth -= 1;
      else if (depth === 0 && '{;'.includes(character)) break;
    }
    if (code[index] !== '{') continue;
    const lines = lineOf(code, endOfBlock(code, index) - 1) - lineOf(code, match.index) + 1;
    found.push({ name: match[1] ?? '', lines });
  }
  return found;
}

function fileLines(file: SourceFile): number {
  const text = isRust(file) ? blankRustTests(blankRust(file.text)) : file.text;
  // Blanked test modules at the end do not count; nor does the final line feed.
  return text.trimEnd().split('\n').length;
}

/** True for what the caps hold for. */
export function isCapped(file: SourceFile): boolean {
  if (isGenerated(file)) return false;
  return isServerTs(file) || (isRust(file) && !isRustTest(file));
}

/** Everything over its cap, by the key that an allowance would have. */
export function oversized(files: readonly SourceFile[]): Allowed {
  const long: Record<string, number> = {};
  const functions: Record<string, number> = {};
  for (const file of files.filter(isCapped)) {
    const lines = fileLines(file);
    if (lines > FILE_LINES_MAX) long[file.path] = lines;
    for (const { name, lines } of isRust(file) ? measureRust(file.text) : measureTs(file.text)) {
      const key = `${file.path} ${name}`;
      if (lines > FUNCTION_LINES_MAX) functions[key] = Math.max(lines, functions[key] ?? 0);
    }
  }
  return { files: long, functions };
}

function compare(
  what: string,
  cap: number,
  found: Readonly<Record<string, number>>,
  allowed: Readonly<Record<string, number>>,
): readonly Problem[] {
  const over = Object.entries(found)
    .filter(([key, lines]) => lines > (allowed[key] ?? cap))
    .map(([key, lines]) => `${key}: ${what} of ${lines} lines, at most ${allowed[key] ?? cap}`);
  const gone = Object.keys(allowed)
    .filter((key) => found[key] === undefined)
    .map((key) => `${key}: within the cap now, take it off the list of allowed ones`);
  return [...over, ...gone];
}

export function checkSizes(files: readonly SourceFile[], allowed: Allowed): readonly Problem[] {
  const found = oversized(files);
  return [
    ...compare('a file', FILE_LINES_MAX, found.files, allowed.files),
    ...compare('a function', FUNCTION_LINES_MAX, found.functions, allowed.functions),
  ];
}

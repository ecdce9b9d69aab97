// Blanks comments and the insides of literals out of source text, keeping every offset and line, so
// that simple patterns and brace counts see code only.
import { stripTypeScriptTypes } from 'node:module';

function spaces(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

const RUST_TOKEN = new RegExp(
  [
    /\/\/[^\n]*/, // line comment
    /\/\*/, // block comment, nested: handled below
    /b?r(?<hashes>#*)"[\s\S]*?"\k<hashes>/, // raw string
    /[bc]?"(?:[^"\\]|\\[\s\S])*"/, // string
    /b?'(?:[^'\\\n]|\\(?:x[0-9a-f]{2}|u\{[^}]*\}|.))'/, // character; a lifetime has no second quote
    /[A-Za-z_]\w*/, // a word, so that `r"` inside one is not seen
  ]
    .map(({ source }) => `(?:${source})`)
    .join('|'),
  'gi',
);

/** The end of a nested block comment that starts at `start`. */
function endOfBlockComment(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    const pair = text.slice(index, index + 2);
    if (pair === '/*' || pair === '*/') {
      depth += pair === '/*' ? 1 : -1;
      index += 1;
      if (depth === 0) return index + 1;
    }
  }
  return text.length;
}

/** Rust text with comments, strings and characters blanked. */
export function blankRust(text: string): string {
  let out = '';
  let last = 0;
  RUST_TOKEN.lastIndex = 0;
  for (let found = RUST_TOKEN.exec(text); found !== null; found = RUST_TOKEN.exec(text)) {
    const [token] = found;
    if (/^[A-Za-z_]\w*$/.test(token)) continue;
    const end = token === '/*' ? endOfBlockComment(text, found.index) : RUST_TOKEN.lastIndex;
    out += text.slice(last, found.index) + spaces(text.slice(found.index, end));
    last = end;
    RUST_TOKEN.lastIndex = end;
  }
  return out + text.slice(last);
}

/** Rust text without its `#[cfg(test)]` modules and items, which may do what others may not. */
export function blankRustTests(blanked: string): string {
  let out = blanked;
  const marker = /#\[cfg\((?:all\()?test\b[^\]]*\]/g;
  for (let found = marker.exec(out); found !== null; found = marker.exec(out)) {
    const open = out.slice(found.index).search(/[{;]/);
    if (open === -1) break;
    const start = found.index + open;
    const end = out[start] === '{' ? endOfBlock(out, start) : start + 1;
    out = out.slice(0, found.index) + spaces(out.slice(found.index, end)) + out.slice(end);
  }
  return out;
}

/** The offset behind the brace that closes the one at `open`, in blanked text. */
export function endOfBlock(blanked: string, open: number): number {
  let depth = 0;
  for (let index = open; index < blanked.length; index += 1) {
    if (blanked[index] === '{') depth += 1;
    else if (blanked[index] === '}') {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return blanked.length;
}

const REGEX_MAY_FOLLOW =
  /(^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|do|else|yield|await|void))\s*$/;

const TS_TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"|[`/{}]/g;
const REGEX = /\/(?![/*])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const TEMPLATE_PART = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(`|\$\{)/y;

/** TypeScript text with comments, strings, templates and regular expressions blanked. */
export function blankTs(text: string): string {
  let out = '';
  let last = 0;
  const keep = (to: number) => {
    out += text.slice(last, to);
    last = to;
  };
  const blank = (to: number) => {
    out += spaces(text.slice(last, to));
    last = to;
  };
  // For each open `${`, how many braces are open inside it.
  const templates: number[] = [];
  const template = (start: number) => {
    TEMPLATE_PART.lastIndex = start;
    const part = TEMPLATE_PART.exec(text);
    const end = part === null ? text.length : TEMPLATE_PART.lastIndex;
    blank(end);
    if (part?.[1] === '${') templates.push(0);
    TS_TOKEN.lastIndex = end;
  };
  TS_TOKEN.lastIndex = 0;
  for (let found = TS_TOKEN.exec(text); found !== null; found = TS_TOKEN.exec(text)) {
    const [token] = found;
    const depth = templates.at(-1);
    keep(found.index);
    if (token === '`') template(found.index + 1);
    else if (token === '{' && depth !== undefined) templates[templates.length - 1] = depth + 1;
    else if (token === '}' && depth === 0) {
      templates.pop();
      template(found.index + 1);
    } else if (token === '}' && depth !== undefined) templates[templates.length - 1] = depth - 1;
    else if (token === '/') {
      REGEX.lastIndex = found.index;
      if (REGEX_MAY_FOLLOW.test(out.slice(-40)) && REGEX.test(text)) {
        blank(REGEX.lastIndex);
        TS_TOKEN.lastIndex = last;
      }
    } else if (token.length > 1) blank(TS_TOKEN.lastIndex);
  }
  keep(text.length);
  return out;
}

/** As `blankTs`, and the types blanked as well: what is left is JavaScript. */
export function blankTsTypes(text: string): string {
  return blankTs(stripTypeScriptTypes(text, { mode: 'strip' }));
}

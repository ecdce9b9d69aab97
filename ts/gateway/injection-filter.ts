// Values that look like an attempt to inject SQL or scripts. Here they are parameters of statements,
// never text of them: what is found does no harm to the server, but may be meant for one behind it, or
// tell of somebody who tries. So it is off unless asked for, and never looks at SQL that a client sends
// as SQL.
import { RustyError } from '../errors/index.ts';

export type InjectionKind = 'SQL injection' | 'cross-site scripting';

/** Of one value no more is looked at. */
const LOOKED_AT_MAX = 4096;
/** Nor more values of one request. */
const VALUES_MAX = 10_000;

const PATTERNS: readonly (readonly [InjectionKind, RegExp])[] = [
  ['SQL injection', /\bunion\b[\s(]+(?:all\s+|distinct\s+)?select\b/i],
  ['SQL injection', /['"`]\s*(?:or|and)\b[^=<>]{1,60}(?:=|<|>|\blike\b)/i],
  ['SQL injection', /['"`]\s*\)*\s*(?:or|and)\s+(?:true|not\b|\d)/i],
  ['SQL injection', /['")]\s*(?:--|#|\/\*)/],
  [
    'SQL injection',
    /['")\d]\s*;\s*(?:drop|alter|truncate|delete|insert|update|create|grant|copy|select)\b/i,
  ],
  ['SQL injection', /\b(?:pg_sleep|benchmark|xp_cmdshell|load_file|lo_import)\s*\(/i],
  ['SQL injection', /\bwaitfor\s+delay\b/i],
  [
    'SQL injection',
    /\bselect\b[^;]{1,200}\bfrom\b[^;]{0,200}\b(?:information_schema|pg_shadow)\b/i,
  ],
  ['cross-site scripting', /<\s*(?:script|iframe|object|embed)\b/i],
  ['cross-site scripting', /<[^>]{1,200}\bon[a-z]{3,20}\s*=/i],
  ['cross-site scripting', /\b(?:java|vb)script\s*:/i],
];

/** What a value looks like; undefined where it looks like nothing. */
export function injectionIn(value: string): InjectionKind | undefined {
  // Comments stand for white space, which is what they are used for here.
  const text = value.slice(0, LOOKED_AT_MAX).replace(/\/\*.{0,200}?\*\//gs, ' ');
  return PATTERNS.find(([, pattern]) => pattern.test(text))?.[0];
}

/** The texts within a value of JSON, names of members among them, at most so many. */
function textsIn(value: unknown): readonly string[] {
  const texts: string[] = [];
  const open: unknown[] = [value];
  while (open.length > 0 && texts.length + open.length <= VALUES_MAX) {
    const one = open.pop();
    if (typeof one === 'string') texts.push(one);
    else if (Array.isArray(one)) open.push(...one.slice(0, VALUES_MAX));
    else if (typeof one === 'object' && one !== null) {
      open.push(...Object.entries(one).slice(0, VALUES_MAX).flat());
    }
  }
  return texts;
}

export interface InjectionFilterOptions {
  readonly mode: 'off' | 'report' | 'block';
  /** Hears of each request in which something was found; the value is not told. */
  readonly onFound: (kind: InjectionKind, requestId: string, route: string) => void;
}

export class InjectionFilter {
  readonly #options: InjectionFilterOptions;

  constructor(options: InjectionFilterOptions) {
    this.#options = options;
  }

  /** Looks at what a request gives. Throws AUTHORIZATION_FAILED where it blocks. */
  check(request: {
    readonly requestId: string;
    readonly route: string;
    readonly search: URLSearchParams;
    readonly body: unknown;
  }): void {
    const { mode, onFound } = this.#options;
    if (mode === 'off') return;
    const { requestId, route, search, body } = request;
    const texts = [...[...search].flat(), ...textsIn(body)];
    for (const text of texts) {
      const kind = injectionIn(text);
      if (kind === undefined) continue;
      onFound(kind, requestId, route);
      if (mode === 'report') return;
      throw RustyError.of('AUTHORIZATION_FAILED', { what: `a value that looks like ${kind}` });
    }
  }
}

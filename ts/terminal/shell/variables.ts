import { BoundedMap } from '../../util/bounded-map.ts';

/** The most variables; scripts set a handful. */
const VARIABLES_MAX = 10_000;

/** Checks a value before it is set; an error text refuses it. */
type Check = (name: string, value: string) => string | undefined;

const TRUE = /^(t|tr|tru|true|y|ye|yes|on|1)$/i;
const FALSE = /^(f|fa|fal|fals|false|n|no|of|off|0)$/i;

/** What a user means by a word for yes or no; undefined where it is neither. */
export function parseBoolean(text: string): boolean | undefined {
  if (TRUE.test(text)) return true;
  return FALSE.test(text) ? false : undefined;
}

const isBoolean: Check = (name, value) =>
  parseBoolean(value) === undefined
    ? `unrecognized value "${value}" for "${name}": Boolean expected`
    : undefined;

const isNumber: Check = (name, value) =>
  /^-?\d+$/.test(value) ? undefined : `invalid value "${value}" for "${name}": integer expected`;

function oneOf(...allowed: readonly string[]): Check {
  return (name, value) =>
    allowed.includes(value.toLowerCase())
      ? undefined
      : `unrecognized value "${value}" for "${name}"\nAvailable values are: ${allowed.join(', ')}.`;
}

const BOOLEAN_WORDS: readonly string[] = ['on', 'off', 'true', 'false', 'yes', 'no', '1', '0'];

function booleanOr(...words: readonly string[]): Check {
  return (name, value) =>
    words.includes(value.toLowerCase()) || BOOLEAN_WORDS.includes(value.toLowerCase())
      ? undefined
      : `unrecognized value "${value}" for "${name}"\nAvailable values are: on, off, ${words.join(', ')}.`;
}

/** The variables that the terminal itself goes by: default and check. */
const SPECIAL: Readonly<Record<string, { readonly value: string; readonly check: Check }>> = {
  AUTOCOMMIT: { value: 'on', check: isBoolean },
  ECHO: { value: 'none', check: oneOf('none', 'errors', 'queries', 'all') },
  ECHO_HIDDEN: { value: 'off', check: booleanOr('noexec') },
  HISTSIZE: { value: '10000', check: isNumber },
  ON_ERROR_ROLLBACK: { value: 'off', check: booleanOr('interactive') },
  ON_ERROR_STOP: { value: 'off', check: isBoolean },
  PROMPT1: { value: '%/%R%x%# ', check: () => undefined },
  PROMPT2: { value: '%/%R%x%# ', check: () => undefined },
  PROMPT3: { value: '>> ', check: () => undefined },
  QUIET: { value: 'off', check: isBoolean },
  SHOW_ALL_RESULTS: { value: 'on', check: isBoolean },
  SHOW_CONTEXT: { value: 'errors', check: oneOf('never', 'errors', 'always') },
  SINGLELINE: { value: 'off', check: isBoolean },
  VERBOSITY: { value: 'default', check: oneOf('default', 'verbose', 'terse', 'sqlstate') },
};

/** A name as `\set` accepts it. */
const NAME = /^[A-Za-z\u0080-\uffff_0-9]+$/;

/** The variables of `\set`: those of scripts, and those that the terminal goes by. */
export class Variables {
  readonly #values = new BoundedMap<string, string>({
    name: 'terminal_variables',
    cap: VARIABLES_MAX,
    whenFull: 'refuse',
  });

  constructor() {
    for (const [name, { value }] of Object.entries(SPECIAL)) this.#values.set(name, value);
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** What a variable says about yes or no; anything that is neither means yes. */
  isOn(name: string): boolean {
    const value = this.#values.get(name);
    return value !== undefined && parseBoolean(value) !== false;
  }

  /** Sets a variable; the text of what is wrong with it, or undefined. */
  set(name: string, value: string): string | undefined {
    if (!NAME.test(name)) return `invalid variable name: "${name}"`;
    const special = SPECIAL[name];
    // Without a value a switch is turned on.
    const given = special?.check === isBoolean && value === '' ? 'on' : value;
    const wrong = special?.check(name, given);
    if (wrong !== undefined) return wrong;
    return this.#values.set(name, given) ? undefined : 'too many variables';
  }

  /** Takes a variable away; those of the terminal go back to their default. */
  unset(name: string): void {
    const special = SPECIAL[name];
    if (special === undefined) this.#values.delete(name);
    else this.#values.set(name, special.check === isBoolean ? 'off' : special.value);
  }

  /** All of them by name, in order. */
  entries(): readonly (readonly [string, string])[] {
    return [...this.#values.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

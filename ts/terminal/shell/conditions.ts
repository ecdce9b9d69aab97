/** How deep `\if` may stand in another. */
const DEPTH_MAX = 100;

interface Branch {
  /** Lines are run. */
  isActive: boolean;
  /** A branch before was run, or the whole stands in one that is not. */
  isDecided: boolean;
  hasElse: boolean;
}

/** The `\if` blocks that are open; of a script, not of the session. */
export class Conditions {
  readonly #branches: Branch[] = [];

  get isActive(): boolean {
    return this.#branches.every(({ isActive }) => isActive);
  }

  get isOpen(): boolean {
    return this.#branches.length > 0;
  }

  /** All of these answer what is wrong, or undefined. */
  begin(condition: boolean): string | undefined {
    if (this.#branches.length >= DEPTH_MAX) return '\\if: nested too deeply';
    const isReached = this.isActive;
    const isActive = isReached && condition;
    this.#branches.push({ isActive, isDecided: !isReached || condition, hasElse: false });
    return undefined;
  }

  /** True where the condition of an `\elif` matters. */
  get asksAgain(): boolean {
    return this.#branches.at(-1)?.isDecided === false;
  }

  otherwiseIf(condition: boolean): string | undefined {
    const branch = this.#branches.at(-1);
    if (branch === undefined) return '\\elif: no matching \\if';
    if (branch.hasElse) return '\\elif: cannot occur after \\else';
    branch.isActive = !branch.isDecided && condition;
    branch.isDecided ||= condition;
    return undefined;
  }

  otherwise(): string | undefined {
    const branch = this.#branches.at(-1);
    if (branch === undefined) return '\\else: no matching \\if';
    if (branch.hasElse) return '\\else: cannot occur after \\else';
    branch.isActive = !branch.isDecided;
    branch.isDecided = true;
    branch.hasElse = true;
    return undefined;
  }

  end(): string | undefined {
    return this.#branches.pop() === undefined ? '\\endif: no matching \\if' : undefined;
  }
}

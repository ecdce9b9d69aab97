import {
  ANSWER,
  type Checked,
  checkClient,
  lastCheck,
  lastPlace,
  type NativeLimits,
  type Phase,
  SETTLES,
  type Usage,
} from '../native/index.ts';

/** Whom rules tell apart: what is absent counts as empty. */
export interface ClientAttributes {
  readonly protocol: string;
  readonly method: string;
  /** As the route is written: `/tables/{name}`. */
  readonly route: string;
  /** With or without a port; anything else stands for this machine. */
  readonly address: string;
  readonly user: string;
  /** The user was proved, not trusted. */
  readonly isProved: boolean;
  readonly database: string;
  readonly application: string;
}

/**
 * What a client is told of its limits: of the first that refuses, else of the closest. `resetMs` is
 * until all is there again, `retryAfterMs` until what was refused may be had; 0 where it was allowed.
 */
export type RateDecision = Checked;

/** Names and values in turn, as the addon takes them. */
function pairsOf(attributes: ClientAttributes): readonly string[] {
  const { isProved, ...texts } = attributes;
  return [...Object.entries(texts).flat(), 'proved', String(isProved)];
}

/** A client of the limiter on this thread. */
export class LimitedClient {
  readonly #limits: NativeLimits;
  readonly #attributes: ClientAttributes;
  readonly #successor: (attributes: ClientAttributes) => LimitedClient;
  /** 0 until it is used. */
  #handle = 0;
  #isReleased = false;
  #settles = false;

  /** `successor` gives the client that stands for the same attributes once this one is released. */
  constructor(
    limits: NativeLimits,
    attributes: ClientAttributes,
    successor: (attributes: ClientAttributes) => LimitedClient,
  ) {
    this.#limits = limits;
    this.#attributes = attributes;
    this.#successor = successor;
  }

  /** Whether it is one of this route, and of a client that says it is this program. */
  fits(method: string, route: string, application: string): boolean {
    const known = this.#attributes;
    return known.route === route && known.method === method && known.application === application;
  }

  /** Whether it may go on; what that costs is taken. Undefined where no rule is about it. */
  check(phase: Phase): RateDecision | undefined {
    if (this.#isReleased) return this.#current.check(phase);
    if (this.#handle === 0) this.#handle = this.#limits.client(pairsOf(this.#attributes));
    const told = checkClient(this.#handle, phase);
    this.#settles = (told & SETTLES) !== 0;
    return (told & ~SETTLES) === ANSWER.none ? undefined : lastCheck();
  }

  /** Which limit its last check was about, where nobody was checked since. */
  lastName(): string {
    if (this.#isReleased) return this.#current.lastName();
    return this.#limits.nameOf(this.#handle, lastPlace());
  }

  /** Whether what a request uses, or how long it takes, means anything to its rules. */
  get settles(): boolean {
    return this.#isReleased ? this.#current.settles : this.#settles;
  }

  /** A request of it has ended that was let in, or was refused after it was let in. */
  settle(usage: Usage, elapsedMs: number): void {
    if (this.#isReleased) this.#current.settle(usage, elapsedMs);
    else if (this.#handle !== 0) this.#limits.settle(this.#handle, usage, elapsedMs);
  }

  /** Gives back what it holds. */
  release(): void {
    this.#isReleased = true;
    if (this.#handle !== 0) this.#limits.release(this.#handle);
    this.#handle = 0;
  }

  get #current(): LimitedClient {
    return this.#successor(this.#attributes);
  }
}

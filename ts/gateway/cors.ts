// Cross-origin requests (the Fetch standard, section "HTTP-CORS protocol"): which pages of other
// origins may read what the API answers. No more is granted than the configuration names.

/** Headers of an answer: names and values in turn. */
export type HeaderList = readonly string[];

export interface CorsOptions {
  readonly enableCors: boolean;
  /** `*`, or origins with commas between them. */
  readonly corsOrigins: string;
  readonly corsCredentials: boolean;
}

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const REQUEST_HEADERS = [
  'Accept-Profile',
  'Authorization',
  'Content-Profile',
  'Content-Type',
  'If-Match',
  'If-None-Match',
  'Prefer',
  'Range',
  'X-Api-Key',
  'X-Request-Id',
].join(', ');
const EXPOSED = [
  'Content-Range',
  'ETag',
  'Location',
  'Preference-Applied',
  'Retry-After',
  'X-Request-Id',
].join(', ');
/** How long a browser may rely on an answer to a preflight, in seconds. */
const MAX_AGE = '600';

export class Cors {
  readonly #isAny: boolean;
  readonly #origins: readonly string[];
  readonly #hasCredentials: boolean;

  constructor({ enableCors, corsOrigins, corsCredentials }: CorsOptions) {
    this.#isAny = enableCors && corsOrigins === '*';
    const names = corsOrigins.split(',').map((origin) => origin.trim().toLowerCase());
    this.#origins = enableCors && !this.#isAny ? names.filter((name) => name !== '') : [];
    this.#hasCredentials = corsCredentials;
  }

  /** Whether any page of another origin may call at all. */
  get isOn(): boolean {
    return this.#isAny || this.#origins.length > 0;
  }

  /** Whether the origin was named, not only covered by `*`. */
  names(origin: string): boolean {
    return this.#origins.includes(origin.toLowerCase());
  }

  /** What an answer tells the browser of a page of this origin. */
  headersFor(origin: string | undefined): HeaderList {
    if (origin === undefined) return [];
    if (this.#isAny) return ['Access-Control-Allow-Origin', '*', ...EXPOSES];
    if (!this.names(origin)) return [];
    const credentials = this.#hasCredentials ? ALLOWS_CREDENTIALS : [];
    return ['Access-Control-Allow-Origin', origin, ...credentials, ...EXPOSES];
  }

  /** What answers the question of a browser whether it may send a request; none where it may not. */
  preflight(origin: string | undefined): HeaderList | undefined {
    const headers = this.headersFor(origin);
    return headers.length === 0 ? undefined : [...headers, ...PREFLIGHT];
  }
}

const EXPOSES: HeaderList = ['Access-Control-Expose-Headers', EXPOSED];
const ALLOWS_CREDENTIALS: HeaderList = ['Access-Control-Allow-Credentials', 'true'];
const PREFLIGHT: HeaderList = [
  'Access-Control-Allow-Methods',
  METHODS,
  'Access-Control-Allow-Headers',
  REQUEST_HEADERS,
  'Access-Control-Max-Age',
  MAX_AGE,
];

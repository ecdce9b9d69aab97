// The OpenAPI document as a judge of answers: each is held against what the document says of its
// operation, and a difference throws. So every test that sends requests tests the document too.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

const BASE = '/api/v1';
const JSON_TYPES = /^application\/(?:json|vnd\.[\w.]+\+json)$/;

interface Media {
  readonly schema?: object;
}

interface AnswerOfDocument {
  readonly content?: Readonly<Record<string, Media>>;
}

export interface OperationOfDocument {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, AnswerOfDocument>>;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationOfDocument>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** An answer as it came. */
export interface Seen {
  readonly method: string;
  /** Of the URL. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string | null;
  /** Undefined where the connection broke: what it would have been nobody knows. */
  readonly text: string | undefined;
}

interface Template {
  readonly pattern: RegExp;
  readonly operations: Readonly<Record<string, OperationOfDocument>>;
}

/** Paths without parameters come first: `/tables/{name}` is not `/tables/x/rows`. */
function templatesOf({ paths }: OpenApiDocument): readonly Template[] {
  const parameters = (path: string) => path.match(/\{/g)?.length ?? 0;
  return Object.entries(paths)
    .toSorted(([one], [other]) => parameters(one) - parameters(other))
    .map(([path, operations]) => ({
      pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`),
      operations,
    }));
}

const mediaOf = (type: string): string => type.split(';')[0]?.trim().toLowerCase() ?? '';

/** One document. */
export class Contract {
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  readonly #validators = new WeakMap<object, ValidateFunction>();
  readonly #templates: readonly Template[];
  readonly #error: object;
  /** The operations whose answers were judged. */
  readonly called = new Set<string>();

  constructor(document: OpenApiDocument) {
    this.#templates = templatesOf(document);
    this.#error = document.components.schemas.Error ?? {};
    this.#ajv.addSchema({ ...document, $id: 'openapi' });
  }

  /** The document of a server; `url` ends with `/api/v1`. */
  static async of(url: string): Promise<Contract> {
    const response = await fetch(`${url}/openapi.json`);
    return new Contract((await response.json()) as OpenApiDocument);
  }

  /** Throws what is not as the document says. */
  judge(seen: Seen): void {
    const inApi = seen.path.startsWith(`${BASE}/`);
    const path = inApi ? seen.path.slice(BASE.length) : seen.path;
    const found = this.#templates.find(({ pattern }) => pattern.test(path));
    if (found === undefined) {
      // Pages and files, which are no part of it, stand at the root.
      if (inApi) this.#judgeFailure(seen, 'no operation of the document');
      return;
    }
    const method = seen.method === 'HEAD' ? 'get' : seen.method.toLowerCase();
    const operation = found.operations[method];
    if (operation === undefined) this.#judgeFailure(seen, `no ${method} in the document`);
    else this.#judgeOperation(seen, operation);
  }

  /** `fetch`, with every answer judged. */
  readonly fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(url, init);
    const text = await response
      .clone()
      .text()
      .catch(() => undefined);
    this.judge({
      method: init.method ?? 'GET',
      path: new URL(url).pathname,
      status: response.status,
      contentType: response.headers.get('content-type'),
      text,
    });
    return response;
  };

  #fail({ method, path, status, text = '' }: Seen, what: string): never {
    throw new Error(`${method} ${path} answers ${status}: ${what}\n${text.slice(0, 1000)}`);
  }

  #judgeFailure(seen: Seen, why: string): void {
    if (seen.status < 400) this.#fail(seen, why);
    this.#judgeSchema(seen, { $ref: 'openapi#/components/schemas/Error' }, this.#error);
  }

  #judgeOperation(seen: Seen, operation: OperationOfDocument): void {
    this.called.add(operation.operationId);
    const { responses } = operation;
    const own = responses[String(seen.status)];
    if (own === undefined && seen.status < 400) this.#fail(seen, 'a status of no response');
    const { content } = own ?? responses.default ?? {};
    if (seen.method === 'HEAD' || seen.text === undefined) return;
    if (seen.text === '') {
      const types = Object.keys(content ?? {});
      if (types.some((type) => JSON_TYPES.test(type)) && seen.contentType === types[0]) {
        this.#fail(seen, 'no body where JSON is promised');
      }
      return;
    }
    if (content === undefined) this.#fail(seen, 'a body where the document has none');
    const type = mediaOf(seen.contentType ?? '');
    const media = Object.entries(content).find(([name]) => mediaOf(name) === type)?.[1];
    if (media === undefined) this.#fail(seen, `the content type ${type}`);
    const { schema } = media;
    if (schema !== undefined && JSON_TYPES.test(type)) this.#judgeSchema(seen, schema, schema);
  }

  #judgeSchema(seen: Seen, schema: object, key: object): void {
    let validate = this.#validators.get(key);
    if (validate === undefined) {
      validate = this.#ajv.compile(absolute(schema));
      this.#validators.set(key, validate);
    }
    let value: unknown;
    try {
      value = JSON.parse(seen.text ?? '');
    } catch {
      this.#fail(seen, 'no JSON');
    }
    if (!validate(value)) this.#fail(seen, this.#ajv.errorsText(validate.errors));
  }
}

/** The schema with its references into the document. */
function absolute(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"openapi#/')) as object;
}

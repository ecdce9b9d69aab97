import { encodeParameters, type Session, type StatementRequest } from '../engine/index.ts';

/** A column of a result. */
export interface Column {
  readonly name: string;
  /** As `format_type` names it: `integer`, `numeric(10,2)`. */
  readonly type: string;
  /** False where the catalog says that it is never NULL. */
  readonly nullable: boolean;
}

export type Row = Record<string, unknown>;

/** What a statement answered. */
export interface Result<T = Row> {
  readonly columns: readonly Column[];
  readonly rows: T[];
  /** Rows given, or written. */
  readonly rowCount: number;
  /** `SELECT`, `INSERT`, `CREATE TABLE`. */
  readonly command: string;
}

/** What a statement may be told beside its parameters. */
export interface QueryOptions {
  /** The statement is interrupted when it aborts. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

type Decode = (value: unknown) => unknown;

/** How values of a type differ from what JSON gave; undefined where they do not. */
function decoderOf(type: string): Decode | undefined {
  // A bigint that a number cannot hold came as text.
  if (type === 'bigint') return (value) => (typeof value === 'string' ? BigInt(value) : value);
  if (type === 'bytea') {
    return (value) => (typeof value === 'string' ? Buffer.from(value.slice(2), 'hex') : value);
  }
  return undefined;
}

/** The columns whose values need decoding. */
export function decodersOf(columns: readonly Column[]): readonly (Decode | undefined)[] {
  return columns.map(({ type }) => decoderOf(type));
}

function decodeRows(columns: readonly Column[], rows: readonly Row[]): void {
  for (const { name, type } of columns) {
    const decode = decoderOf(type);
    if (decode === undefined) continue;
    for (const row of rows) row[name] = decode(row[name]);
  }
}

/** The request of a statement with its parameters. */
export function requestOf(
  sql: string,
  parameters: readonly unknown[],
  options: QueryOptions,
): Omit<StatementRequest, 'layout'> {
  const { signal, timeoutMs } = options;
  return {
    sql,
    parameters: encodeParameters(parameters),
    isExact: true,
    ...(signal === undefined ? {} : { signal }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

/** From here on a piece of an answer is kept as bytes, for more may follow. */
const PIECE_BYTES = 64 * 1024;

/** Takes the pieces of an answer that is wanted whole. */
class Whole {
  #text = '';
  #parts: Buffer[] | undefined;

  readonly take = (bytes: Buffer): void => {
    // Mostly there is one piece; characters may be cut between two.
    if (this.#text === '' && this.#parts === undefined && bytes.length < PIECE_BYTES) {
      this.#text = bytes.toString('utf8');
      if (this.#text.endsWith('\uFFFD')) this.#parts = [Buffer.from(bytes)];
      return;
    }
    this.#parts ??= this.#text === '' ? [] : [Buffer.from(this.#text)];
    this.#parts.push(Buffer.from(bytes));
  };

  text(): string {
    return this.#parts === undefined ? this.#text : Buffer.concat(this.#parts).toString('utf8');
  }
}

/** Runs a statement and gives its rows alone. */
export async function runRows<T>(
  session: Session,
  sql: string,
  parameters: readonly unknown[],
): Promise<T[]> {
  const whole = new Whole();
  await session.run({ ...requestOf(sql, parameters, {}), layout: 'rows' }, whole.take);
  const text = whole.text();
  if (text.startsWith('[')) return JSON.parse(text) as T[];
  // Some values cannot be read without their types.
  const result = JSON.parse(`${text}}`) as Result<T>;
  decodeRows(result.columns, result.rows as Row[]);
  return result.rows;
}

/** Runs a statement and gives its rows as the bytes of a JSON array, values as `to_json` has them. */
export async function runJson(
  session: Session,
  sql: string,
  parameters: readonly unknown[],
): Promise<Buffer> {
  let parts: Buffer | undefined;
  await session.run(
    { ...requestOf(sql, parameters, {}), isExact: false, layout: 'rows' },
    (bytes) => {
      parts = parts === undefined ? Buffer.from(bytes) : Buffer.concat([parts, bytes]);
    },
  );
  return parts ?? Buffer.from('[]');
}

/** Runs a statement and gives all of its rows, with what is known of them. */
export async function runQuery<T>(
  session: Session,
  sql: string,
  parameters: readonly unknown[],
  options: QueryOptions,
): Promise<Result<T>> {
  const whole = new Whole();
  await session.run({ ...requestOf(sql, parameters, options), layout: 'objects' }, whole.take);
  const result = JSON.parse(`${whole.text()}}`) as Result<T>;
  decodeRows(result.columns, result.rows as Row[]);
  return result;
}

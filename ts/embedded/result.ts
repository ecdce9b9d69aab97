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

const OPENING_BRACKET = 0x5b;

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

/** Reads rows alone: a bare array, or the whole result where values cannot be read without types. */
export function readRows<T>(bytes: Buffer, length: number): T[] {
  const text = bytes.toString('utf8', 0, length);
  if (bytes[0] === OPENING_BRACKET) return JSON.parse(text) as T[];
  return resultOf<T>(text).rows;
}

/** What `count` answers. */
export function readCount(bytes: Buffer, length: number): number {
  return Number(bytes.toString('latin1', 0, length));
}

/** Copies the answer. */
export function readBytes(bytes: Buffer, length: number): Buffer {
  const copy = Buffer.allocUnsafe(length);
  bytes.copy(copy, 0, 0, length);
  return copy;
}

/** Reads what `objects` answers. */
export function readResult<T>(bytes: Buffer, length: number): Result<T> {
  return resultOf<T>(bytes.toString('utf8', 0, length));
}

function resultOf<T>(text: string): Result<T> {
  // The answer is left open for members that others add.
  const result = JSON.parse(`${text}}`) as Result<T>;
  decodeRows(result.columns, result.rows as Row[]);
  return result;
}

/** Runs a statement and gives all of its rows, with what is known of them. */
export function runQuery<T>(
  session: Session,
  sql: string,
  parameters: readonly unknown[],
  options: QueryOptions,
): Result<T> | Promise<Result<T>> {
  return session.runWhole(
    { ...requestOf(sql, parameters, options), layout: 'objects' },
    readResult<T>,
  );
}

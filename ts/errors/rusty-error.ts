import { ERROR_CODES, type ErrorCode } from './catalogue.ts';
import { codeOfSqlstate, httpStatusOfSqlstate } from './code-of-sqlstate.ts';

/** The names in braces of a message template. */
type ParametersOf<Template extends string> =
  Template extends `${string}{${infer Name}}${infer Rest}` ? Name | ParametersOf<Rest> : never;

/** What the message of a code needs to be told. */
export type ErrorParameters<Code extends ErrorCode> = {
  readonly [Name in ParametersOf<(typeof ERROR_CODES)[Code]['template']>]: string | number;
};

/** What may stand beside code and message. */
export interface ErrorFields {
  readonly sqlstate?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  /** 1-based, in characters of the statement's text. */
  readonly position?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  /** What a program may want to know: the constraint, the fields that are wrong. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  /** Of the log only; never sent to a client. */
  readonly cause?: unknown;
}

/**
 * The one error type of the TypeScript side. A client decides by `code` (or `sqlstate`); the
 * message is for people and may change.
 */
export class RustyError extends Error {
  override readonly name = 'RustyError';
  readonly code: ErrorCode;
  readonly sqlstate: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly position: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  private constructor(code: ErrorCode, message: string, fields: ErrorFields) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = code;
    this.sqlstate = fields.sqlstate ?? ERROR_CODES[code].sqlstate;
    this.detail = fields.detail;
    this.hint = fields.hint;
    this.position = fields.position;
    this.retryAfterMs = fields.retryAfterMs;
    this.details = fields.details;
  }

  /** An error of a code, its message made from the catalogue's template. */
  static of<Code extends ErrorCode>(
    code: Code,
    parameters: ErrorParameters<Code>,
    fields: ErrorFields = {},
  ): RustyError {
    const values = parameters as Readonly<Record<string, string | number>>;
    const message = ERROR_CODES[code].template.replace(/\{(\w+)\}/g, (_, name: string) =>
      String(values[name]),
    );
    return new RustyError(code, message, fields);
  }

  /** An error of a SQLSTATE with its own message, as the engine reports it. */
  static ofSqlstate(sqlstate: string, message: string, fields: ErrorFields = {}): RustyError {
    return new RustyError(codeOfSqlstate(sqlstate), message, { ...fields, sqlstate });
  }

  /** The same error told otherwise: what `changes` names is as it says, gone where undefined. */
  with({ message, ...changes }: ErrorFields & { readonly message?: string }): RustyError {
    const { code, sqlstate, detail, hint, position, retryAfterMs, details } = this;
    const own = { sqlstate, detail, hint, position, retryAfterMs, details, cause: this };
    return new RustyError(code, message ?? this.message, { ...own, ...changes });
  }

  /** The status of an HTTP answer. */
  get httpStatus(): number {
    const own = ERROR_CODES[this.code];
    return this.sqlstate === own.sqlstate || codeOfSqlstate(this.sqlstate) !== this.code
      ? own.http
      : httpStatusOfSqlstate(this.sqlstate);
  }

  /** `E001` to `E999`, as the native protocol numbers it. */
  get number(): number {
    return ERROR_CODES[this.code].number;
  }
}

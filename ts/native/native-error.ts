import { RustyError } from '../errors/index.ts';

const UNKNOWN = /^(?:[A-Z_]+:)?([0-9A-Z]{5})(?:\|([\s\S]*))?$/;

/**
 * The addon's error as ours. A call that throws has `code` = `CODE:SQLSTATE`; a promise that
 * rejects has it in front of the message, behind a bar.
 */
export function fromNative(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  const thrown = typeof code === 'string' ? UNKNOWN.exec(code) : null;
  if (thrown?.[1] !== undefined) return RustyError.ofSqlstate(thrown[1], error.message);
  const rejected = UNKNOWN.exec(error.message);
  if (rejected?.[1] === undefined) return error;
  return RustyError.ofSqlstate(rejected[1], rejected[2] ?? error.message);
}

/** Runs a call into the addon; its error is ours. */
export function callNative<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fromNative(error);
  }
}

/** Awaits a promise of the addon; its error is ours. */
export async function awaitNative<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw fromNative(error);
  }
}

import type { z } from 'zod';
import { RustyError } from '../errors/index.ts';
import { nearest } from '../util/nearest.ts';

/** The names of an object schema at a path, for "did you mean". */
function namesAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = schema;
  for (const key of path) {
    const definition = (at as z.ZodType).def as {
      shape?: Record<string, unknown>;
      element?: unknown;
    };
    at = definition.shape?.[String(key)] ?? definition.element;
    while (at !== undefined) {
      const inner = (at as z.ZodType).def as { innerType?: unknown };
      if (inner.innerType === undefined) break;
      at = inner.innerType;
    }
    if (at === undefined) return [];
  }
  const { shape } = (at as z.ZodType).def as { shape?: Record<string, unknown> };
  return Object.keys(shape ?? {});
}

interface Field {
  readonly path: string;
  readonly message: string;
}

function fieldsOf(schema: z.ZodType, issue: z.core.$ZodIssue): readonly Field[] {
  const path = issue.path.map(String).join('.');
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  const known = namesAt(schema, issue.path);
  return issue.keys.map((key) => {
    const alike = nearest(key, known);
    const hint = alike === undefined ? `allowed are ${known.join(', ')}` : `did you mean ${alike}?`;
    return { path: path === '' ? key : `${path}.${key}`, message: `unknown key; ${hint}` };
  });
}

/** Checks what came against a schema. Throws a VALIDATION_ERROR that names each bad field. */
export function validate<T extends z.ZodType>(
  schema: T | undefined,
  value: unknown,
  where: string,
): z.output<T> {
  if (schema === undefined) return undefined as z.output<T>;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.flatMap((issue) => fieldsOf(schema, issue));
  const text = fields.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  throw RustyError.of(
    'VALIDATION_ERROR',
    { what: `${where}: ${text.join('; ')}` },
    { details: { fields } },
  );
}

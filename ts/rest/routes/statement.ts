import { z } from 'zod';

/** A statement with its parameters, as bodies have it. */
export const statement = z.strictObject({
  sql: z.string().min(1).meta({ description: 'One statement, parameters as $1' }),
  params: z
    .array(z.unknown())
    .max(65535)
    .optional()
    .meta({ description: 'The values of $1, $2, ...' }),
});

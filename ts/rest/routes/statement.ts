import { z } from 'zod';
import { PARAMETERS_MAX } from '../query-answer.ts';

/** A statement with its parameters, as bodies have it. */
export const statement = z.strictObject({
  sql: z.string().min(1).meta({ description: 'One statement, parameters as $1' }),
  params: z
    .array(z.unknown())
    .max(PARAMETERS_MAX)
    .optional()
    .meta({ description: 'The values of $1, $2, ...' }),
});

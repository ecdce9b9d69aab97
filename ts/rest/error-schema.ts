import { z } from 'zod';
import { ERROR_CODES } from '../errors/index.ts';

/** The shape of `errorBody`. */
export const errorSchema = z.object({
  error: z.object({
    code: z.enum(Object.keys(ERROR_CODES) as [string, ...string[]]),
    message: z.string(),
    sqlstate: z.string().optional(),
    details: z.record(z.string(), z.unknown()).optional(),
    hint: z.string().optional(),
    position: z.int().optional(),
    requestId: z.string(),
    retryAfterMs: z.number().optional(),
  }),
});

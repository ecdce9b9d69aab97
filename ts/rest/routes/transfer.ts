// `/import/{table}` and `/export/{table}`: whole tables, streamed both ways.

import { pipeline, Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib';
import { z } from 'zod';
import { RustyError } from '../../errors/index.ts';
import {
  copyTo,
  type ImportOptions,
  type ImportReport,
  type ImportService,
  REJECTED_SHOWN_MAX,
  type TransferFormat,
} from '../../services/import-service.ts';
import { type ImportJobs, REJECTED_KEPT_MAX } from '../../services/jobs/import-jobs.ts';
import type { QueryService } from '../../services/query-service.ts';
import { parsePreferences } from '../preferences.ts';
import { type Route, type RouteRequest, route } from '../route.ts';
import { sayApplied } from '../rows-common.ts';
import { Upload } from '../upload.ts';

const GROUP = 'Import and export';

const CONTENT_TYPES: Readonly<Record<string, TransferFormat>> = {
  'text/csv': 'csv',
  'text/tab-separated-values': 'tsv',
  'application/x-ndjson': 'ndjson',
};

const names = z
  .string()
  .transform((text) => text.split(','))
  .optional()
  .meta({ description: 'Columns, in the order of the fields: `a,b`' });

const flag = z
  .enum(['true', 'false'])
  .default('true')
  .transform((text) => text === 'true');

const importQuery = z.strictObject({
  schema: z.string().optional(),
  format: z.enum(['csv', 'tsv', 'ndjson']).optional(),
  columns: names,
  header: flag.meta({ description: 'The first line names the columns (CSV, TSV)' }),
  delimiter: z.string().length(1).optional(),
  null: z.string().optional().meta({ description: 'The text that stands for NULL' }),
  onError: z.enum(['stop', 'skip']).default('stop'),
  rejectLimit: z.coerce.number().int().min(1).optional(),
});

const exportQuery = z.strictObject({
  schema: z.string().optional(),
  format: z.enum(['csv', 'tsv', 'ndjson']).optional(),
  columns: names,
  header: flag,
});

export const importAnswer = z.object({
  accepted: z.int(),
  rejectedCount: z.int(),
  rejected: z.array(
    z.object({
      line: z.int(),
      column: z.string().optional(),
      sqlstate: z.string(),
      reason: z.string(),
    }),
  ),
});

function typeOf(header: string | undefined): string {
  return (header ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

function importFormat(contentType: string | undefined): TransferFormat {
  const format = CONTENT_TYPES[typeOf(contentType)];
  if (format !== undefined) return format;
  if (typeOf(contentType) === 'application/vnd.apache.arrow.stream') {
    throw RustyError.of('NOT_IMPLEMENTED', { what: 'an import of Arrow IPC' });
  }
  const accepted = Object.keys(CONTENT_TYPES).join(', ');
  throw RustyError.of('UNSUPPORTED_MEDIA_TYPE', { what: contentType ?? 'no type', accepted });
}

function exportFormat(accept: string | undefined): TransferFormat {
  const wanted = (accept ?? '*/*').toLowerCase();
  for (const [type, format] of Object.entries(CONTENT_TYPES)) {
    if (wanted.includes(type)) return format;
  }
  if (/\*\/\*|text\/\*/.test(wanted)) return 'csv';
  const offered = Object.keys(CONTENT_TYPES).join(', ');
  throw RustyError.of('NOT_ACCEPTABLE', { what: wanted, offered });
}

/** The body as it was before `Content-Encoding`. */
function decoded(
  body: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
): AsyncIterable<Uint8Array> {
  const make = {
    gzip: createGunzip,
    br: createBrotliDecompress,
    zstd: createZstdDecompress,
  }[encoding ?? ''];
  if (make !== undefined) return pipeline(Readable.from(body), make(), () => undefined);
  if (encoding === undefined || encoding === 'identity') return body;
  throw RustyError.of('UNSUPPORTED_MEDIA_TYPE', { what: encoding, accepted: 'gzip, br, zstd' });
}

const pathSchema = z.strictObject({ table: z.string() });

type ImportRequest = RouteRequest<{ table: string }, z.output<typeof importQuery>, undefined>;

function optionsOf({ path, query, headers }: ImportRequest): ImportOptions {
  return {
    schema: query.schema,
    table: path.table,
    format: query.format ?? importFormat(headers['content-type']),
    columns: query.columns,
    hasHeader: query.header,
    delimiter: query.delimiter,
    nullText: query.null,
    onError: query.onError,
    rejectLimit: query.rejectLimit,
  };
}

/** Runs `work` on the body; where that fails the rest of the body is read and dropped. */
async function withUpload<T>(
  { stream }: ImportRequest,
  work: (upload: Upload) => Promise<T>,
): Promise<T> {
  const upload = new Upload(stream);
  try {
    return await work(upload);
  } catch (error) {
    void upload.discard();
    throw error;
  }
}

function runImport(imports: ImportService, request: ImportRequest): Promise<ImportReport> {
  const { headers, context, signal } = request;
  const options = optionsOf(request);
  return withUpload(request, (upload) => {
    const input = decoded(upload, headers['content-encoding']);
    return imports.run(context.principal?.user ?? '', options, input, signal);
  });
}

/** Answers the id of the job when the body is here. */
function startImport(jobs: ImportJobs, request: ImportRequest): Promise<string> {
  const { headers, context } = request;
  const { 'content-length': length, 'content-encoding': encoding } = headers;
  const options = optionsOf(request);
  return withUpload(request, async (upload) => {
    const jobId = await jobs.run({
      user: context.principal?.user ?? '',
      requestId: context.requestId,
      options,
      upload,
      uploadBytes: length === undefined ? undefined : Number(length),
      decode: (input) => decoded(input, encoding),
    });
    await upload.discard();
    return jobId;
  });
}

const TYPE_OF_FORMAT: Readonly<Record<TransferFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  tsv: 'text/tab-separated-values; charset=utf-8',
  ndjson: 'application/x-ndjson',
};

function importRoute(imports: ImportService, jobs: ImportJobs): Route {
  return route({
    method: 'post',
    path: '/import/{table}',
    id: 'importTable',
    group: GROUP,
    summary: 'Load a file into a table',
    description:
      'One transaction: after an error, or where the client leaves, nothing is in the table. With ' +
      `\`onError=skip\` faulty lines are left out; the first ${REJECTED_SHOWN_MAX} are named, of a ` +
      `job ${REJECTED_KEPT_MAX}.`,
    permission: 'tables:write',
    pathSchema,
    querySchema: importQuery,
    headers: {
      Prefer: '`respond-async`: answers when the body is here, and goes on as a job',
    },
    streamsBody: Object.keys(CONTENT_TYPES),
    answers: {
      200: { description: 'What was loaded', schema: importAnswer },
      202: {
        description: 'It goes on as this job, with `Prefer: respond-async`',
        schema: z.object({ jobId: z.string() }),
      },
    },
    async handle(given, reply) {
      const request = given as unknown as ImportRequest;
      const preferences = parsePreferences(request.headers.prefer, ['respond-async']);
      sayApplied(reply, preferences);
      if (preferences.isAsync !== true) {
        reply.json(await runImport(imports, request));
        return;
      }
      const jobId = await startImport(jobs, request);
      reply.header('Location', `/api/v1/jobs/${jobId}`).json({ jobId }, 202);
    },
  });
}

export function transferRoutes(
  queries: QueryService,
  imports: ImportService,
  jobs: ImportJobs,
): readonly Route[] {
  return [
    importRoute(imports, jobs),
    route({
      method: 'get',
      path: '/export/{table}',
      id: 'exportTable',
      group: GROUP,
      summary: 'All rows of a table as a file',
      permission: 'tables:read',
      pathSchema,
      querySchema: exportQuery,
      answers: { 200: { description: 'The file', contentTypes: Object.keys(CONTENT_TYPES) } },
      async handle({ path, query, headers, context, signal }, reply) {
        const format = query.format ?? exportFormat(headers.accept);
        const type = TYPE_OF_FORMAT[format];
        const sql = copyTo({
          schema: query.schema,
          table: path.table,
          format,
          columns: query.columns,
          hasHeader: query.header,
        });
        const request = { sql, layout: 'csv', isReadOnly: true, signal } as const;
        try {
          await queries.run(context.principal?.user ?? '', request, reply.stream(type));
          reply.end(type);
        } catch (error) {
          // A file that is cut off must not look whole.
          if (!reply.isStreaming) throw error;
          reply.destroy();
        }
      },
    }),
  ];
}

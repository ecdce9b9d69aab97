import { RustyError } from '../../errors/index.ts';
import type { ImportOptions, ImportReport, ImportService } from '../import-service.ts';
import type { JobRegistry } from './job-registry.ts';
import { type SpoolRoom, UploadSpool } from './upload-spool.ts';

/** Rejected lines that a job keeps. */
export const REJECTED_KEPT_MAX = 100;

export interface ImportJobsOptions {
  readonly jobs: JobRegistry;
  readonly imports: ImportService;
  readonly room: SpoolRoom;
  /** Where uploads wait. */
  readonly folder: string;
}

/** An import that goes on after its request was answered. */
export interface ImportJob {
  readonly user: string;
  readonly requestId: string;
  readonly options: ImportOptions;
  /** The body as it comes. */
  readonly upload: AsyncIterable<Uint8Array>;
  /** Its bytes, where its head says how many. */
  readonly uploadBytes: number | undefined;
  /** The body as it was before it was compressed. */
  readonly decode: (upload: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
}

/** Imports as jobs: an upload is read while it comes, and may run ahead of the import. */
export class ImportJobs {
  readonly #options: ImportJobsOptions;

  constructor(options: ImportJobsOptions) {
    this.#options = options;
  }

  /**
   * Starts the job and takes the upload in; answers the job's id when the import needs its client no
   * more: all is here, or the job has ended. An upload that breaks off ends the job and rejects.
   */
  async run(job: ImportJob): Promise<string> {
    const { jobs, room, folder } = this.#options;
    const spool = await UploadSpool.create(folder, room);
    const { user: owner, requestId, options } = job;
    let id: string;
    try {
      id = jobs.start({
        kind: 'import',
        subject: options.table,
        owner,
        requestId,
        run: ({ signal, progress }) => this.#import(job, spool, signal, progress),
      });
    } catch (error) {
      await spool.close();
      throw error;
    }
    await receive(job.upload, spool);
    return id;
  }

  async #import(
    { user, options, uploadBytes, decode }: ImportJob,
    spool: UploadSpool,
    signal: AbortSignal,
    progress: (share: number) => void,
  ): Promise<ImportReport> {
    // It may wait for bytes that do not come.
    signal.addEventListener('abort', () => spool.fail(signal.reason), { once: true });
    async function* watched(): AsyncGenerator<Uint8Array> {
      for await (const piece of spool) {
        yield piece;
        const total = uploadBytes ?? (spool.isComplete ? spool.writtenBytes : undefined);
        if (total !== undefined) progress(spool.readBytes / total);
      }
    }
    try {
      const report = await this.#options.imports.run(user, options, decode(watched()), signal);
      return { ...report, rejected: report.rejected.slice(0, REJECTED_KEPT_MAX) };
    } finally {
      await spool.close();
    }
  }
}

async function receive(upload: AsyncIterable<Uint8Array>, spool: UploadSpool): Promise<void> {
  try {
    for await (const bytes of upload) {
      await spool.write(bytes);
      if (spool.isClosed) return;
    }
    spool.complete();
  } catch (error) {
    const reason =
      error instanceof RustyError
        ? error
        : RustyError.of('CANCELLED', { what: 'the upload, by its client' }, { cause: error });
    spool.fail(reason);
    throw reason;
  }
}

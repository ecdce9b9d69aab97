import { join } from 'node:path';
import { verifyFolder, verifySegments } from '../audit/index.ts';
import { RustyError } from '../errors/index.ts';
import { type CommandEnvironment, EXIT, type ExitCode } from './environment.ts';

/**
 * Checks the chain of the audit log, that of the data directory or of segments in the order in which
 * they were written, and prints what was found as one line of JSON.
 */
export async function auditVerify(
  { config, print }: CommandEnvironment,
  files: readonly string[],
): Promise<ExitCode> {
  const folder = join(config.config.data.path, 'audit');
  try {
    const report = await (files.length > 0 ? verifySegments(files) : verifyFolder(folder));
    if (report.segments === 0)
      throw RustyError.of('NOT_FOUND', { what: `an audit log in ${folder}` });
    print(`${JSON.stringify({ event: 'audit_verified', ...report })}\n`);
    return report.problems.length === 0 ? EXIT.ok : EXIT.failure;
  } catch (error) {
    if (error instanceof RustyError) throw error;
    throw RustyError.of('IO_ERROR', { what: (error as Error).message }, { cause: error });
  }
}

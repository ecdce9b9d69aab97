import type { Logger } from '../monitoring/index.ts';
import { type CommandEnvironment, EXIT, type ExitCode } from './environment.ts';

/** Checks a data directory and prints what was found as one line of JSON. */
export async function verify(environment: CommandEnvironment, log: Logger): Promise<ExitCode> {
  const { verifyData } = await environment.loadServer();
  const report = await verifyData(environment.config.config, log);
  for (const problem of report.problems) log.error('verify found a problem', { problem });
  environment.print(`${JSON.stringify({ event: 'verified', ...report })}\n`);
  return report.problems.length === 0 ? EXIT.ok : EXIT.failure;
}

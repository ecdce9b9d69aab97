import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Tables in an order in which each comes after those that it refers to. */
export const TABLES = [
  'region',
  'nation',
  'part',
  'supplier',
  'partsupp',
  'customer',
  'orders',
  'lineitem',
] as const;

/** The program that makes the data. */
export const GENERATOR = process.env.TPCHGEN_CLI ?? 'tpchgen-cli';

export type Table = (typeof TABLES)[number];

export function csvPath(folder: string, table: Table): string {
  return join(folder, `${table}.csv`);
}

/**
 * Makes the CSV files of that scale (1: 6 million lines, 1 GB) in `folder`, unless they are there.
 * Needs `tpchgen-cli` (`pip install tpchgen-cli`, `cargo install tpchgen-cli`).
 */
export function makeData(folder: string, scale: number): void {
  if (TABLES.every((table) => existsSync(csvPath(folder, table)))) return;
  if (spawnSync(GENERATOR, ['--version']).error !== undefined) {
    throw new Error('tpchgen-cli is not installed (pip install tpchgen-cli)');
  }
  mkdirSync(folder, { recursive: true });
  execFileSync(GENERATOR, ['csv', '-s', String(scale), '--output-dir', folder]);
}

// What `import 'rustydb'` gives: the database in this process, without a server.
export {
  type CopyResult,
  Database,
  type OpenOptions,
  open,
  openShared,
  type Queryable,
  Statement,
  type TransactionOptions,
} from './embedded/database.ts';
export type { Column, QueryOptions, Result, Row } from './embedded/result.ts';
export { RustyError } from './errors/index.ts';

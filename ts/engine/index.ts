// Engines as the services see them.

export { keepText } from '../native/index.ts';
export { Collector } from './collector.ts';
export type {
  ConnectOptions,
  Driver,
  Layout,
  Notice,
  ReadAnswer,
  Session,
  StatementEnd,
  StatementRequest,
  TakeBytes,
} from './driver.ts';
export { EmbeddedDriver, type EmbeddedDriverOptions } from './embedded-driver.ts';
export { encodeParameters, integersOf, type Parameter } from './parameters.ts';

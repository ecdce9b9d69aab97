// The threads beside the main one, and what all threads count together.
export {
  type FromFront,
  type FrontConfig,
  type FrontData,
  type FrontEvents,
  type FrontReport,
  type FrontThreadData,
  FrontThreads,
  listeningThreads,
  type ToFront,
} from './front-threads.ts';

// The SQL door: sockets, and nothing of what is said over them.
export { FrontThreads } from './front-threads.ts';
export { SqlListener } from './sql-listener.ts';

// The SQL door: sockets, and nothing of what is said over them.
export { SqlListener } from './sql-listener.ts';

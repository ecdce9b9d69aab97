// The SQL door: sockets, and nothing of what is said over them.
export { isLoopback, SqlListener } from './sql-listener.ts';

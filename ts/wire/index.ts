// The SQL port.
export { SqlDoor, type SqlDoorOptions } from './sql-door.ts';

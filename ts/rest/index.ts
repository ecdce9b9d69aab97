// The HTTP port.
export { HttpDoor, type HttpDoorOptions } from './http-door.ts';
export type { FromLane } from './lane/lane-messages.ts';

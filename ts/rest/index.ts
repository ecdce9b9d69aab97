// The HTTP port.
export { HttpDoor, type HttpDoorOptions } from './http-door.ts';

// Tells systemd that the service is ready or stopping: one datagram to the socket that it names in
// NOTIFY_SOCKET (sd_notify(3)). Node has no Unix datagram sockets, hence libc.
import { lastError, openLibc } from './libc.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const PATH_MAX_BYTES = 108;

/** `sockaddr_un`: the family, then the path; a leading `@` stands for an abstract name. */
function socketAddress(path: string): Buffer {
  const name = Buffer.from(path);
  if (name.length >= PATH_MAX_BYTES) throw new Error(`NOTIFY_SOCKET is too long: ${path}`);
  if (name[0] === 0x40) name[0] = 0;
  const address = Buffer.alloc(2 + name.length);
  address.writeUInt16LE(AF_UNIX);
  name.copy(address, 2);
  return address;
}

/** Sends `state` (`READY=1`); false where nobody asked to be told. Linux only. */
export function sdNotify(state: string, socketPath: string | undefined): boolean {
  if (socketPath === undefined || socketPath === '' || process.platform !== 'linux') return false;
  const libc = openLibc();
  const open = libc.func('int socket(int, int, int)');
  const send = libc.func(
    'int64_t sendto(int, const uint8_t *, size_t, int, const uint8_t *, uint32_t)',
  );
  const close = libc.func('int close(int)');
  const address = socketAddress(socketPath);
  const message = Buffer.from(state);
  const socket = open(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) as number;
  if (socket < 0) throw lastError('socket');
  try {
    const sent = send(socket, message, message.length, 0, address, address.length) as number;
    if (sent < 0) throw lastError(`sendto ${socketPath}`);
  } finally {
    close(socket);
  }
  return true;
}

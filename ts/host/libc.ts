// libc through koffi, loaded once it is asked for. Only this folder calls it.
import koffi from 'koffi';

export type Libc = ReturnType<typeof koffi.load>;

const NAMES: Readonly<Record<string, readonly string[]>> = {
  linux: ['libc.so.6', 'libc.so'],
  darwin: ['libSystem.dylib'],
};

/** Opens libc, or throws where this system has none that we know. */
export function openLibc(): Libc {
  const names = NAMES[process.platform] ?? [];
  for (const name of names) {
    try {
      return koffi.load(name);
    } catch {
      // the next name
    }
  }
  throw new Error(`no libc known for ${process.platform}`);
}

/** The error number of the last call of this thread, in words. */
export function lastError(what: string): Error {
  const number = koffi.errno();
  const name = Object.entries(koffi.os.errno).find(([, value]) => value === number)?.[0];
  return new Error(`${what}: ${name ?? `error ${number}`}`);
}

// A server whose memory is what it uses: it collects its garbage when it is told.

/** Makes a server that runs with `COLLECTING` give back what it does not use. */
export const COLLECT_SIGNAL: NodeJS.Signals = 'SIGUSR2';

const preload = new URL('collect-on-signal.ts', import.meta.url);

/** Environment of such a server. */
export const COLLECTING = { NODE_OPTIONS: `--expose-gc --import=${preload.href}` } as const;

/** An idle connection of the HTTP port is closed after this long. */
export const KEEP_ALIVE_MS = 65_000;

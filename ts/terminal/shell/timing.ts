const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');

/** `Time: 1234.567 ms (00:01.235)` */
export function timingLine(elapsedMs: number): string {
  const base = `Time: ${elapsedMs.toFixed(3)} ms`;
  if (elapsedMs < SECOND_MS) return base;
  const seconds = ((elapsedMs % MINUTE_MS) / SECOND_MS).toFixed(3).padStart(6, '0');
  const minutes = two((elapsedMs % HOUR_MS) / MINUTE_MS);
  if (elapsedMs < HOUR_MS) return `${base} (${minutes}:${seconds})`;
  const hours = two((elapsedMs % DAY_MS) / HOUR_MS);
  if (elapsedMs < DAY_MS) return `${base} (${hours}:${minutes}:${seconds})`;
  return `${base} (${Math.floor(elapsedMs / DAY_MS)} d ${hours}:${minutes}:${seconds})`;
}

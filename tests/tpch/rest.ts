import type pg from 'pg';

/** The rows of a query by HTTP, each as the JSON text that the server wrote. */
export async function askRest(httpPort: number, sql: string): Promise<string[]> {
  const response = await fetch(`http://127.0.0.1:${httpPort}/api/v1/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/x-ndjson' },
    body: JSON.stringify({ sql }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${text}`);
  return text.split('\n').filter((line) => line !== '');
}

/** The rows of a query as PostgreSQL's `to_json` writes them. */
export async function askJson(client: pg.Client, sql: string): Promise<string[]> {
  const query = sql.trim().replace(/;$/, '');
  const { rows } = await client.query({
    text: `select to_json(answer)::text from (${query}) answer`,
    rowMode: 'array',
  });
  return rows.map(([row]: readonly string[]) => row ?? '');
}

/** What differs first between two answers; undefined if nothing does. */
export function jsonDifference(
  ours: readonly string[],
  theirs: readonly string[],
): string | undefined {
  if (ours.length !== theirs.length) return `${ours.length} rows instead of ${theirs.length}`;
  const at = theirs.findIndex((row, place) => row !== ours[place]);
  return at === -1 ? undefined : `row ${at + 1}: ${ours[at]} instead of ${theirs[at]}`;
}

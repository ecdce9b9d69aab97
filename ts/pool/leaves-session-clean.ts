/** Statements that change more than the database: their session is not given to others. */
const KEEPS_STATE =
  /^\s*(?:set|reset|prepare|deallocate|discard|begin|start|declare|listen|lock|savepoint)\b/i;
/** Functions that do so. */
const CALLS_KEEP_STATE = /\b(?:set_config|pg_(?:try_)?advisory_lock|setseed)\s*\(/i;

/** Whether others may use the session of such a statement as it is. */
export function leavesSessionClean(sql: string): boolean {
  return !KEEPS_STATE.test(sql) && !CALLS_KEEP_STATE.test(sql);
}

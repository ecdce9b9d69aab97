/** Kinds of statements that are counted apart; the rest is `other`. */
export const STATEMENT_TYPES = ['select', 'insert', 'update', 'delete', 'other'] as const;

export type StatementType = (typeof STATEMENT_TYPES)[number];

const FIRST_WORD = /^\s*(select|insert|update|delete)\b/i;

/** The type of a statement, by its first word. */
export function statementType(sql: string): StatementType {
  return (FIRST_WORD.exec(sql)?.[1]?.toLowerCase() ?? 'other') as StatementType;
}

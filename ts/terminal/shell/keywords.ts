/** Keywords of SQL: those that completion offers, and those that a name must be quoted for. */
export const KEYWORDS = {
  all: (
    'ADD ALL ALTER ANALYZE AND ANY AS ASC BEGIN BETWEEN BIGINT BOOLEAN BY CASCADE CASE CAST CHECK ' +
    'COLUMN COMMIT CONSTRAINT COPY COUNT CREATE CROSS CURRENT_DATE CURRENT_TIMESTAMP CURRENT_USER ' +
    'DATE DEFAULT DELETE DESC DISTINCT DO DOUBLE PRECISION DROP ELSE END EXCEPT EXISTS EXPLAIN ' +
    'FALSE FETCH FILTER FIRST FOR FOREIGN FROM FULL FUNCTION GROUP GROUPING SETS HAVING ILIKE IN ' +
    'INDEX INNER INSERT INTEGER INTERSECT INTERVAL INTO IS JOIN KEY LAST LATERAL LEFT LIKE LIMIT ' +
    'MATERIALIZED NATURAL NOT NULL NULLS NUMERIC OFFSET ON OR ORDER OUTER OVER PARTITION PRIMARY ' +
    'RECURSIVE REFERENCES RELEASE RENAME RETURNING RIGHT ROLLBACK ROLLUP SAVEPOINT SCHEMA SELECT ' +
    'SEQUENCE SERIALIZABLE SET SHOW TABLE TEMPORARY TEXT THEN TIMESTAMP TIMESTAMPTZ TO TRANSACTION ' +
    'TRUE TRUNCATE UNION UNIQUE UPDATE USING UUID VACUUM VALUES VARCHAR VIEW WHEN WHERE WINDOW WITH'
  ).split(' '),
  reserved: (
    'all analyse analyze and any array as asc asymmetric both case cast check collate column ' +
    'constraint create current_catalog current_date current_role current_time current_timestamp ' +
    'current_user default deferrable desc distinct do else end except false fetch for foreign from ' +
    'grant group having in initially intersect into lateral leading limit localtime localtimestamp ' +
    'not null offset on only or order placing primary references returning select session_user some ' +
    'symmetric system_user table then to trailing true union unique user using variadic when where ' +
    'window with authorization binary collation concurrently cross current_schema freeze full ilike ' +
    'inner is isnull join left like natural notnull outer overlaps right similar tablesample verbose'
  ).split(' '),
} as const;

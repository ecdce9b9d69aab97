//! Every kind of statement: its command tag, and of some what is in it.

use parser::*;

fn one(sql: &str) -> Statement {
    let mut statements = parse(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    assert_eq!(statements.len(), 1, "{sql}");
    statements.remove(0).stmt
}

fn tags(cases: &[(&str, &str)], supported: bool) {
    for (sql, tag) in cases {
        let stmt = one(sql);
        assert_eq!(stmt.command_tag(), *tag, "{sql}");
        assert_eq!(
            !matches!(stmt, Statement::Unsupported { .. }),
            supported,
            "{sql}"
        );
    }
}

#[test]
fn queries_and_changes() {
    tags(
        &[
            ("SELECT 1", "SELECT"),
            ("VALUES (1)", "SELECT"),
            ("TABLE t", "SELECT"),
            (
                "WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a",
                "SELECT",
            ),
            ("SELECT", "SELECT"),
            ("INSERT INTO t DEFAULT VALUES", "INSERT"),
            ("UPDATE t SET a = 1", "UPDATE"),
            ("DELETE FROM t", "DELETE"),
            (
                "MERGE INTO t USING s ON a = b WHEN MATCHED THEN DELETE",
                "MERGE",
            ),
            ("TRUNCATE a, b RESTART IDENTITY CASCADE", "TRUNCATE TABLE"),
            ("COPY t TO STDOUT", "COPY"),
            ("COPY BINARY t FROM STDIN DELIMITERS ','", "COPY"),
            ("COPY (SELECT 1) TO PROGRAM 'cat'", "COPY"),
        ],
        true,
    );
}

#[test]
fn definitions() {
    tags(
        &[
            ("CREATE TABLE t ()", "CREATE TABLE"),
            ("CREATE TABLE t AS SELECT 1", "CREATE TABLE AS"),
            ("CREATE TABLE t AS EXECUTE p", "CREATE TABLE AS"),
            ("SELECT 1 INTO t", "SELECT INTO"),
            (
                "CREATE MATERIALIZED VIEW v AS SELECT 1",
                "CREATE MATERIALIZED VIEW",
            ),
            ("REFRESH MATERIALIZED VIEW v", "REFRESH MATERIALIZED VIEW"),
            ("ALTER TABLE t ADD a int", "ALTER TABLE"),
            ("ALTER INDEX i SET (fillfactor = 70)", "ALTER INDEX"),
            ("ALTER VIEW v ALTER a SET DEFAULT 1", "ALTER VIEW"),
            ("ALTER SEQUENCE s OWNER TO x", "ALTER SEQUENCE"),
            ("ALTER SEQUENCE s RESTART", "ALTER SEQUENCE"),
            ("ALTER TABLE t RENAME a TO b", "ALTER TABLE"),
            ("ALTER TABLE t RENAME TO b", "ALTER TABLE"),
            ("ALTER VIEW v RENAME COLUMN a TO b", "ALTER VIEW"),
            ("ALTER INDEX i RENAME TO b", "ALTER INDEX"),
            ("ALTER SCHEMA s RENAME TO b", "ALTER SCHEMA"),
            ("ALTER DATABASE d RENAME TO b", "ALTER DATABASE"),
            ("ALTER TABLE t SET SCHEMA s", "ALTER TABLE"),
            ("ALTER SCHEMA s OWNER TO x", "ALTER SCHEMA"),
            ("CREATE UNIQUE INDEX ON t (a)", "CREATE INDEX"),
            ("CREATE SCHEMA s", "CREATE SCHEMA"),
            ("CREATE SEQUENCE s", "CREATE SEQUENCE"),
            ("CREATE OR REPLACE VIEW v AS SELECT 1", "CREATE VIEW"),
            ("CREATE DATABASE d", "CREATE DATABASE"),
            ("ALTER DATABASE d CONNECTION LIMIT 3", "ALTER DATABASE"),
            ("ALTER DATABASE d SET a = 1", "ALTER DATABASE"),
            ("DROP DATABASE d WITH (FORCE)", "DROP DATABASE"),
            ("CREATE USER u PASSWORD 'x'", "CREATE ROLE"),
            ("ALTER ROLE u NOLOGIN", "ALTER ROLE"),
            ("ALTER ROLE ALL SET a = 1", "ALTER ROLE"),
            ("ALTER GROUP g ADD USER u", "GRANT ROLE"),
            ("DROP ROLE a, b", "DROP ROLE"),
            ("GRANT SELECT ON t TO u", "GRANT"),
            ("REVOKE ALL ON SCHEMA s FROM PUBLIC CASCADE", "REVOKE"),
            ("GRANT a TO b", "GRANT ROLE"),
            ("REVOKE a FROM b", "REVOKE ROLE"),
            ("CREATE EXTENSION x", "CREATE EXTENSION"),
            ("CREATE TYPE e AS ENUM ('a')", "CREATE TYPE"),
            ("ALTER TYPE e ADD VALUE 'b' BEFORE 'a'", "ALTER TYPE"),
            ("CREATE DOMAIN d AS int CHECK (VALUE > 0)", "CREATE DOMAIN"),
            ("DROP TABLE t", "DROP TABLE"),
            ("DROP INDEX CONCURRENTLY IF EXISTS i", "DROP INDEX"),
            ("DROP VIEW v", "DROP VIEW"),
            ("DROP SEQUENCE s", "DROP SEQUENCE"),
            ("DROP SCHEMA s CASCADE", "DROP SCHEMA"),
            ("DROP TYPE a.b", "DROP TYPE"),
            ("DROP TRIGGER x ON t", "DROP TRIGGER"),
            ("COMMENT ON TABLE t IS NULL", "COMMENT"),
        ],
        true,
    );
}

#[test]
fn sessions_and_maintenance() {
    tags(
        &[
            ("BEGIN", "BEGIN"),
            ("START TRANSACTION", "START TRANSACTION"),
            ("COMMIT AND CHAIN", "COMMIT"),
            ("END", "COMMIT"),
            ("ABORT", "ROLLBACK"),
            ("SAVEPOINT a", "SAVEPOINT"),
            ("RELEASE a", "RELEASE"),
            ("ROLLBACK TO a", "ROLLBACK"),
            ("PREPARE TRANSACTION 'x'", "PREPARE TRANSACTION"),
            ("COMMIT PREPARED 'x'", "COMMIT PREPARED"),
            ("ROLLBACK PREPARED 'x'", "ROLLBACK PREPARED"),
            ("SET a = 1", "SET"),
            ("RESET a", "RESET"),
            ("SHOW ALL", "SHOW"),
            ("SET CONSTRAINTS ALL DEFERRED", "SET CONSTRAINTS"),
            ("PREPARE p (int) AS SELECT $1", "PREPARE"),
            ("EXECUTE p (1)", "EXECUTE"),
            ("DEALLOCATE p", "DEALLOCATE"),
            ("DEALLOCATE ALL", "DEALLOCATE ALL"),
            ("DECLARE c CURSOR FOR SELECT 1", "DECLARE CURSOR"),
            ("FETCH c", "FETCH"),
            ("MOVE 3 IN c", "MOVE"),
            ("CLOSE c", "CLOSE CURSOR"),
            ("CLOSE ALL", "CLOSE CURSOR ALL"),
            ("EXPLAIN SELECT 1", "EXPLAIN"),
            ("ANALYZE t (a)", "ANALYZE"),
            ("VACUUM", "VACUUM"),
            ("CHECKPOINT", "CHECKPOINT"),
            ("LOCK t", "LOCK TABLE"),
            ("DISCARD ALL", "DISCARD ALL"),
            ("DISCARD TEMP", "DISCARD TEMP"),
            ("LISTEN a", "LISTEN"),
            ("NOTIFY a, 'b'", "NOTIFY"),
            ("UNLISTEN *", "UNLISTEN"),
            ("CALL p(1)", "CALL"),
            ("ALTER SYSTEM SET a = 1", "ALTER SYSTEM"),
            ("REINDEX TABLE t", "REINDEX"),
            ("CLUSTER t USING i", "CLUSTER"),
        ],
        true,
    );
}

#[test]
fn known_by_name_only() {
    tags(
        &[
            ("DO 'x'", "DO"),
            (
                "CREATE FUNCTION f() RETURNS int RETURN 1",
                "CREATE FUNCTION",
            ),
            (
                "CREATE PROCEDURE f() LANGUAGE sql AS ''",
                "CREATE PROCEDURE",
            ),
            ("DROP FUNCTION f(int)", "DROP FUNCTION"),
            (
                "CREATE TRIGGER x AFTER INSERT ON t EXECUTE FUNCTION f()",
                "CREATE TRIGGER",
            ),
            (
                "CREATE TABLE t (a int) PARTITION BY HASH (a)",
                "CREATE TABLE",
            ),
            ("CREATE TABLE t () INHERITS (s)", "CREATE TABLE"),
            (
                "CREATE FOREIGN TABLE t (a int) SERVER s",
                "CREATE FOREIGN TABLE",
            ),
            ("CREATE TYPE t AS (a int)", "CREATE TYPE"),
            (
                "CREATE AGGREGATE a (int) (sfunc = f, stype = int)",
                "CREATE AGGREGATE",
            ),
            ("CREATE RULE r AS ON INSERT TO t DO NOTHING", "CREATE RULE"),
            ("CREATE POLICY p ON t", "CREATE POLICY"),
            ("CREATE PUBLICATION p", "CREATE PUBLICATION"),
            ("ALTER DOMAIN d DROP NOT NULL", "ALTER DOMAIN"),
            ("GRANT EXECUTE ON FUNCTION f() TO u", "GRANT"),
            ("COMMENT ON FUNCTION f() IS 'x'", "COMMENT"),
            (
                "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO u",
                "ALTER DEFAULT PRIVILEGES",
            ),
        ],
        false,
    );
}

#[test]
fn several_statements_and_their_places() {
    let sql = " SELECT 1 ;; \n SELECT $3 + $1 ; ";
    let statements = parse(sql).expect("parses");
    let texts: Vec<_> = statements
        .iter()
        .map(|s| (s.text(sql), s.max_param))
        .collect();
    assert_eq!(texts, [("SELECT 1", 0), ("SELECT $3 + $1", 3)]);
    assert_eq!(parse(" ; -- nothing\n;").expect("parses"), []);
}

#[test]
fn table_definitions() {
    let Statement::CreateTable(table) = one("CREATE TEMP TABLE IF NOT EXISTS s.t (\
            a int GENERATED BY DEFAULT AS IDENTITY (START 5 NO CYCLE) PRIMARY KEY, \
            b numeric(10, 2)[] NOT NULL DEFAULT 1 + 1, \
            c text COLLATE \"C\" CONSTRAINT u UNIQUE DEFERRABLE INITIALLY DEFERRED, \
            LIKE x INCLUDING ALL EXCLUDING INDEXES, \
            FOREIGN KEY (a, b) REFERENCES y (d, e) MATCH FULL ON DELETE SET NULL (a) ON UPDATE CASCADE, \
            CONSTRAINT k CHECK (a > 0) NO INHERIT) WITH (fillfactor = 70) ON COMMIT DELETE ROWS")
    else {
        panic!("a table")
    };
    assert_eq!(table.persistence, Persistence::Temporary);
    assert_eq!(
        (table.on_commit, table.if_not_exists),
        (OnCommit::DeleteRows, true)
    );
    let [a, b, c, like, fk, check] = table.elements.as_slice() else {
        panic!("six elements")
    };
    let TableElement::Column(a) = a else {
        panic!("a column")
    };
    assert!(
        matches!(&a.constraints[0].kind, ConstraintKind::Identity { always: false, options }
        if options[0].kind == SequenceOptionKind::Start("5".into()))
    );
    let TableElement::Column(b) = b else {
        panic!("a column")
    };
    assert_eq!(deparse_type(&b.type_name), "numeric(10,2)[]");
    let TableElement::Column(c) = c else {
        panic!("a column")
    };
    let unique = &c.constraints[0];
    assert_eq!(
        (
            unique.name.as_deref(),
            unique.deferrable,
            unique.initially_deferred
        ),
        (Some("u"), true, true)
    );
    let TableElement::Like(like) = like else {
        panic!("LIKE")
    };
    assert!(like.including.defaults && !like.including.indexes);
    let TableElement::Constraint(Constraint {
        kind: ConstraintKind::ForeignKey(fk),
        ..
    }) = fk
    else {
        panic!("a foreign key")
    };
    assert_eq!(
        (fk.match_type, fk.on_update),
        (MatchType::Full, ReferentialAction::Cascade)
    );
    assert_eq!(
        (fk.on_delete, fk.on_delete_columns.len()),
        (ReferentialAction::SetNull, 1)
    );
    let TableElement::Constraint(check) = check else {
        panic!("a constraint")
    };
    assert!(check.no_inherit);
}

#[test]
fn table_changes() {
    let commands = |sql: &str| match one(sql) {
        Statement::AlterTable(alter) => alter.commands,
        other => panic!("{other:?}"),
    };
    let found = commands(
        "ALTER TABLE ONLY t ADD COLUMN IF NOT EXISTS a int, DROP a CASCADE, ALTER a SET DEFAULT 1, \
         ALTER a DROP DEFAULT, ALTER a SET NOT NULL, ALTER a DROP NOT NULL, \
         ALTER a TYPE text COLLATE \"C\" USING b, ADD CONSTRAINT c UNIQUE USING INDEX i, \
         VALIDATE CONSTRAINT c, DROP CONSTRAINT IF EXISTS c, OWNER TO CURRENT_USER, \
         SET (a = 1), RESET (a), ALTER a SET STATISTICS 3, ALTER a SET STORAGE external, \
         ALTER CONSTRAINT c DEFERRABLE, ADD CHECK (a > 0) NOT VALID, REPLICA IDENTITY FULL, \
         ENABLE TRIGGER x",
    );
    use AlterTableCommand::*;
    assert_eq!(found.len(), 19);
    assert!(matches!(
        &found[0],
        AddColumn {
            if_not_exists: true,
            ..
        }
    ));
    assert!(matches!(&found[1], DropColumn { cascade: true, .. }));
    assert!(matches!(
        &found[6],
        AlterType {
            using: Some(_),
            collation: Some(_),
            ..
        }
    ));
    assert!(matches!(&found[7], AddConstraint(c)
        if matches!(&c.kind, ConstraintKind::Unique(key) if key.using_index.as_deref() == Some("i"))));
    assert!(matches!(&found[10], OwnerTo(RoleSpec::CurrentUser)));
    assert!(matches!(&found[13], SetStatistics { target: 3, .. }));
    assert!(matches!(&found[16], AddConstraint(c) if c.not_valid));
    assert!(matches!(
        &found[18],
        Unsupported {
            what: "ENABLE TRIGGER"
        }
    ));
    assert!(
        matches!(&commands("ALTER TABLE t ALTER a SET GENERATED ALWAYS SET INCREMENT -2")[0],
        SetIdentity { always: Some(true), options, .. }
            if options[0].kind == SequenceOptionKind::Increment("-2".into()))
    );
}

#[test]
fn settings_and_modes() {
    let action = |sql: &str| match one(sql) {
        Statement::Set(set) => (set.local, set.action),
        other => panic!("{other:?}"),
    };
    let value = |name: &str, values: Vec<SetValue>| SetAction::Value {
        name: name.into(),
        values,
    };
    let string = |text: &str| SetValue::Const(Literal::String(text.into()));
    assert_eq!(
        action("SET LOCAL a.b TO x, 1"),
        (
            true,
            value("a.b", vec![string("x"), SetValue::Const(Literal::Int(1))])
        )
    );
    assert_eq!(
        action("SET TIME ZONE 'utc'"),
        (false, value("timezone", vec![string("utc")]))
    );
    assert_eq!(
        action("SET TIME ZONE LOCAL"),
        (
            false,
            SetAction::Default {
                name: "timezone".into()
            }
        )
    );
    assert_eq!(
        action("SET NAMES 'utf8'"),
        (false, value("client_encoding", vec![string("utf8")]))
    );
    assert_eq!(
        action("SET a TO DEFAULT"),
        (false, SetAction::Default { name: "a".into() })
    );
    assert_eq!(action("RESET ALL"), (false, SetAction::ResetAll));
    let modes = TransactionModes {
        isolation: Some(IsolationLevel::Serializable),
        read_only: Some(true),
        deferrable: Some(false),
    };
    let text = "ISOLATION LEVEL SERIALIZABLE READ ONLY NOT DEFERRABLE";
    assert_eq!(
        action(&format!("SET TRANSACTION {text}")).1,
        SetAction::Transaction(modes)
    );
    let characteristics = action(&format!(
        "SET SESSION CHARACTERISTICS AS TRANSACTION {text}"
    ))
    .1;
    assert_eq!(characteristics, SetAction::SessionCharacteristics(modes));
    assert_eq!(
        one(&format!("BEGIN {text}")),
        Statement::Transaction(Transaction::Begin {
            modes,
            start: false
        })
    );
    assert_eq!(
        action("SET TRANSACTION SNAPSHOT 'x'").1,
        SetAction::Snapshot("x".into())
    );
}

#[test]
fn cursors_and_copy() {
    let Statement::DeclareCursor(cursor) =
        one("DECLARE c BINARY NO SCROLL CURSOR WITH HOLD FOR TABLE t")
    else {
        panic!("a cursor")
    };
    assert_eq!(
        (cursor.binary, cursor.scroll, cursor.hold),
        (true, Some(false), true)
    );
    let fetch = |sql: &str| match one(sql) {
        Statement::Fetch(fetch) => (fetch.direction, fetch.count),
        other => panic!("{other:?}"),
    };
    assert_eq!(fetch("FETCH c"), (FetchDirection::Forward, 1));
    assert_eq!(
        fetch("FETCH BACKWARD ALL FROM c"),
        (FetchDirection::Backward, FETCH_ALL)
    );
    assert_eq!(fetch("FETCH LAST c"), (FetchDirection::Absolute, -1));
    assert_eq!(fetch("MOVE RELATIVE -3 c"), (FetchDirection::Relative, -3));
    let copy = |sql: &str| match one(sql) {
        Statement::Copy(copy) => copy,
        other => panic!("{other:?}"),
    };
    let new = copy(
        "COPY t (a) FROM STDIN (FORMAT csv, DELIMITER ';', HEADER true, FORCE_NULL (a)) WHERE a > 0",
    );
    let old = copy("COPY t (a) FROM STDIN CSV DELIMITER ';' HEADER FORCE NULL a WHERE a > 0");
    let named = |copy: &Copy| -> Vec<_> {
        copy.options
            .iter()
            .map(|o| (o.name.clone(), o.value.as_text().map(String::from)))
            .collect()
    };
    assert_eq!(named(&new), named(&old));
    assert_eq!(
        (&new.source, &new.filter, &new.endpoint),
        (&old.source, &old.filter, &CopyEndpoint::Client)
    );
    assert!(new.options[2].value.as_bool() == Some(true) && new.is_from);
}

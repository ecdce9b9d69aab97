//! Texts made to break a parser: deep, long, malformed. On a thread's small stack, each is an
//! answer or an error, never a crash.

use common::{Error, SqlError};
use parser::{ExprKind, MAX_TOKENS, QueryBody, Statement, parse};

/// Parses, drops and prints on a 2 MiB stack, what a thread gets by default.
fn on_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new()
        .stack_size(2 * 1024 * 1024)
        .spawn(work);
    thread.expect("a thread").join().expect("no panic")
}

fn error(sql: String) -> SqlError {
    on_small_stack(move || match parse(&sql) {
        Ok(_) => panic!("parsed"),
        Err(Error::Sql(error)) => *error,
        Err(Error::WouldBlock) => panic!("would block"),
    })
}

fn accepts(sql: String) {
    on_small_stack(move || {
        let statements = parse(&sql).expect("parses");
        let [statement] = statements.as_slice() else {
            panic!("one statement")
        };
        if let Statement::Query(query) = &statement.stmt {
            let text = parser::deparse_query(query);
            assert_eq!(parse(&text).expect("parses again")[0].stmt, statement.stmt);
        }
    });
}

#[track_caller]
fn too_deep(sql: String) {
    let error = error(sql);
    assert_eq!(error.state.as_str(), "54001");
    assert_eq!(error.message, "stack depth limit exceeded");
    assert!(error.hint.expect("a hint").contains("max_stack_depth"));
}

#[test]
fn deep_nesting() {
    let parentheses = |n: usize| format!("SELECT {}1{}", "(".repeat(n), ")".repeat(n));
    accepts(parentheses(1000));
    assert!(
        error(parentheses(100_000))
            .message
            .starts_with("memory exhausted at or near")
    );
    let nested = |n: usize, open: &str| format!("SELECT {}1{}", open.repeat(n), ")".repeat(n));
    for open in [
        "f(",
        "coalesce(",
        "(SELECT ",
        "(1 + ",
        "row(",
        "(a AND ",
        "(NOT ",
    ] {
        accepts(nested(200, open));
        too_deep(nested(2000, open));
        assert!(!error(nested(50_000, open)).message.is_empty());
    }
    too_deep(format!("SELECT {}true", "NOT ".repeat(5000)));
    too_deep(format!(
        "SELECT {}1",
        "- - ".repeat(3000).replace("- -", "- +")
    ));
    too_deep(format!("SELECT 1{}", "::int".repeat(100_000)));
    too_deep(format!("SELECT * FROM t{}", " CROSS JOIN t".repeat(50_000)));
    too_deep(format!(
        "SELECT * FROM {}t{}",
        "(".repeat(2000),
        " CROSS JOIN t)".repeat(2000)
    ));
    accepts(format!(
        "SELECT ARRAY{}1{}",
        "[".repeat(300),
        "]".repeat(300)
    ));
    too_deep(format!(
        "SELECT ARRAY{}1{}",
        "[".repeat(2000),
        "]".repeat(2000)
    ));
    too_deep(format!(
        "SELECT 1 GROUP BY {}a{}",
        "GROUPING SETS (".repeat(1500),
        ")".repeat(1500)
    ));
}

#[test]
fn long_chains() {
    too_deep(format!("SELECT 1{}", " + 1".repeat(100_000)));
    accepts(format!("SELECT 1{}", " + 1".repeat(400)));
    for operator in ["AND", "OR"] {
        let sql = format!("SELECT a{}", format!(" {operator} a").repeat(100_000));
        on_small_stack(move || {
            let statements = parse(&sql).expect("parses");
            let Statement::Query(query) = &statements[0].stmt else {
                panic!("a query")
            };
            let QueryBody::Select(select) = &query.body else {
                panic!("a select")
            };
            match &select.targets[0].expr.kind {
                ExprKind::And(args) | ExprKind::Or(args) => assert_eq!(args.len(), 100_001),
                other => panic!("{other:?}"),
            }
        });
    }
    accepts(format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(20_000)));
    accepts(format!("VALUES (1){}", ", (1)".repeat(100_000)));
    accepts(format!("SELECT a IN (1{})", ", 1".repeat(100_000)));
    accepts(format!(
        "SELECT CASE {} END",
        "WHEN a THEN b ".repeat(50_000)
    ));
    accepts(format!("SELECT x{}", ".y".repeat(50_000)));
}

#[test]
fn limits() {
    let limit = common::limits::MAX_STATEMENT_BYTES;
    let long = |n: usize| format!("SELECT '{}'", "x".repeat(n - "SELECT ''".len()));
    accepts(long(limit));
    let error_of_long = error(long(limit + 1));
    assert_eq!(error_of_long.state.as_str(), "54000");
    let many = error(format!("SELECT 1{}", ",1".repeat(MAX_TOKENS)));
    assert_eq!(
        (many.state.as_str(), many.message.as_str()),
        ("54001", "statement is too complex")
    );
    let blank = " ".repeat(limit);
    assert_eq!(parse(&blank).expect("parses"), []);
}

#[test]
fn nul_and_junk() {
    let nul = error("SELECT 'a\0b'".into());
    assert_eq!(nul.state.as_str(), "22021");
    assert_eq!(
        nul.message,
        "invalid byte sequence for encoding \"UTF8\": 0x00"
    );
    for sql in [
        "\u{feff}SELECT 1",
        "SELECT \u{1}",
        "💥",
        "\\",
        "SELECT $",
        "SELECT :a",
        "/*",
        "'",
        "\"",
        "$$",
    ] {
        assert_eq!(error(sql.into()).state.as_str(), "42601", "{sql}");
    }
    let invalid = error("SELECT E'\\xff'".into());
    assert_eq!(invalid.state.as_str(), "22021");
    assert_eq!(
        invalid.message,
        "invalid byte sequence for encoding \"UTF8\": 0xff"
    );
}

#[test]
fn long_names_are_cut_at_a_character() {
    let statements = parse(&format!("SELECT x AS {}", "é".repeat(40))).expect("parses");
    let Statement::Query(query) = &statements[0].stmt else {
        panic!("a query")
    };
    let QueryBody::Select(select) = &query.body else {
        panic!("a select")
    };
    assert_eq!(
        select.targets[0].alias.as_deref(),
        Some("é".repeat(31).as_str())
    );
}

/// Every prefix, and every text with one character lost, gives an answer.
#[test]
fn broken_pieces() {
    let sql = "WITH a AS (SELECT 1), b(x) AS MATERIALIZED (TABLE a) INSERT INTO t (a, b[1]) \
        SELECT sum(DISTINCT x) FILTER (WHERE y) OVER (PARTITION BY z ROWS 1 PRECEDING), $1::int[] \
        FROM a LEFT JOIN LATERAL f(1) WITH ORDINALITY AS g(h) USING (q) WHERE a LIKE 'x' ESCAPE '!' \
        GROUP BY ROLLUP (1, (2, 3)) ON CONFLICT (a) DO UPDATE SET (a, b) = (1, 2) RETURNING *";
    parse(sql).expect("parses");
    for (i, _) in sql.char_indices() {
        parse(&sql[..i]).ok();
        parse(&format!("{}{}", &sql[..i], &sql[i + 1..])).ok();
    }
}

#[test]
fn four_threads_at_once() {
    let threads: Vec<_> = (0..4)
        .map(|n| {
            std::thread::spawn(move || {
                for i in 0..2000 {
                    let good = format!("SELECT {n} + {i} FROM t{n} WHERE a = '{i}'");
                    let statements = parse(&good).expect("parses");
                    let Statement::Query(query) = &statements[0].stmt else {
                        panic!("a query")
                    };
                    assert!(parser::deparse_query(query).contains(&format!("{n} + {i}")));
                    let bad = format!("SELECT {} FROM FROM", "é".repeat(n));
                    let Err(Error::Sql(error)) = parse(&bad) else {
                        panic!("parsed")
                    };
                    assert_eq!(error.position, Some(14 + n as u32), "{bad}");
                }
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().expect("no panic"));
}

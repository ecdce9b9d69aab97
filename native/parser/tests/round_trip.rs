//! Deparsing: the text says the same as the tree it came from, and has PostgreSQL's form.

use parser::*;
use proptest::prelude::*;

fn query(sql: &str) -> Query {
    let mut statements = parse(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    match statements.remove(0).stmt {
        Statement::Query(query) => *query,
        other => panic!("{other:?}"),
    }
}

fn expr(sql: &str) -> Expr {
    match query(&format!("SELECT {sql}")).body {
        QueryBody::Select(mut select) => select.targets.remove(0).expr,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn returns(sql: &str) {
    let tree = query(sql);
    let text = deparse_query(&tree);
    assert_eq!(query(&text), tree, "{text}");
}

#[test]
fn expressions_have_postgresqls_form() {
    for (sql, text) in [
        ("a+b*-c", "(a + (b * (- c)))"),
        ("a > 0 AND (b OR NOT c)", "((a > 0) AND (b OR (NOT c)))"),
        ("-1", "(-1)"),
        ("'x'::varchar(3)", "'x'::character varying(3)"),
        ("a::bigint", "(a)::bigint"),
        (
            "cast(a as timestamp(3) with time zone)",
            "(a)::timestamp(3) with time zone",
        ),
        ("date '2020-01-01'", "'2020-01-01'::date"),
        (
            "interval '1' day to second(3)",
            "'1'::interval DAY TO SECOND(3)",
        ),
        ("interval(3) '1'", "'1'::interval(3)"),
        (
            "a BETWEEN SYMMETRIC 1 AND 2",
            "(a BETWEEN SYMMETRIC 1 AND 2)",
        ),
        ("a NOT IN (1, 2)", "(a NOT IN (1, 2))"),
        ("a = ANY (b)", "(a = ANY (b))"),
        ("a NOT LIKE b ESCAPE 'c'", "(a NOT LIKE b ESCAPE 'c')"),
        ("a SIMILAR TO b", "(a SIMILAR TO b)"),
        ("a IS NOT DISTINCT FROM b", "(a IS NOT DISTINCT FROM b)"),
        ("a ISNULL", "(a IS NULL)"),
        (
            "CASE a WHEN 1 THEN 2 ELSE 3 END",
            "CASE a WHEN 1 THEN 2 ELSE 3 END",
        ),
        ("nextval('s'::regclass)", "nextval('s'::regclass)"),
        ("\"Left\"(\"select\")", "\"Left\"(\"select\")"),
        ("a OPERATOR(s.+) b", "(a OPERATOR(s.+) b)"),
        ("a COLLATE \"C\"", "(a COLLATE \"C\")"),
        ("(a).b[1:2].*", "(a).b[1 : 2].*"),
        ("EXTRACT(epoch FROM a)", "EXTRACT(epoch FROM a)"),
        ("a AT TIME ZONE 'utc'", "(a AT TIME ZONE 'utc')"),
        ("trim(LEADING 'x' FROM a)", "TRIM(LEADING 'x' FROM a)"),
        ("substring(a FROM 1 FOR 2)", "SUBSTRING(a FROM 1 FOR 2)"),
        ("current_timestamp(3)", "CURRENT_TIMESTAMP(3)"),
        ("E'it\\'s\\\\'", "E'it''s\\\\'"),
        ("X'1F'", "X'1F'"),
        (
            "count(DISTINCT a ORDER BY b DESC) FILTER (WHERE c)",
            "count(DISTINCT a ORDER BY b DESC) FILTER (WHERE c)",
        ),
    ] {
        let tree = expr(sql);
        // ORDER BY inside a call has a space before it, whatever was written.
        assert_eq!(deparse_expr(&tree).replace("  ", " "), text, "{sql}");
        assert_eq!(expr(text), tree, "{sql}");
    }
}

#[test]
fn queries_return() {
    for sql in [
        "WITH RECURSIVE a(x, y) AS MATERIALIZED (VALUES (1, 2) UNION ALL SELECT x, y FROM a) \
         SEARCH DEPTH FIRST BY x SET o CYCLE x SET c TO 1 DEFAULT 0 USING p SELECT * FROM a",
        "WITH a AS (INSERT INTO t AS u (a, b[1].c) OVERRIDING USER VALUE VALUES (1, DEFAULT) \
         ON CONFLICT (lower(a) COLLATE \"C\" text_ops, b) WHERE c DO UPDATE SET (a, b) = (SELECT 1, 2), \
         c = excluded.c WHERE d RETURNING *), b AS (UPDATE ONLY t SET a = DEFAULT FROM s WHERE \
         CURRENT OF k RETURNING a AS x), c AS (DELETE FROM t USING s WHERE a) SELECT 1",
        "WITH a AS (MERGE INTO t USING s ON a = b WHEN MATCHED AND c THEN UPDATE SET a = 1 WHEN NOT \
         MATCHED THEN INSERT (a) VALUES (1) WHEN NOT MATCHED BY SOURCE THEN DELETE) SELECT",
        "SELECT DISTINCT ON (a, b) a AS \"A\", t.*, NULL FROM s.t AS u (x, y), ONLY v, \
         LATERAL (SELECT 1) AS q, ROWS FROM (f(1) AS (a int), g()) WITH ORDINALITY AS z (k), \
         h() AS r (a int COLLATE \"C\", b text[]), t TABLESAMPLE system (1) REPEATABLE (2) \
         WHERE a GROUP BY DISTINCT ROLLUP (a, (b, c)), CUBE (d), GROUPING SETS ((), (a), a) \
         HAVING b WINDOW w AS (PARTITION BY a ORDER BY b USING > NULLS FIRST) \
         ORDER BY 1 DESC NULLS LAST LIMIT 1 OFFSET 2 FOR NO KEY UPDATE OF u NOWAIT FOR SHARE SKIP LOCKED",
        "SELECT * FROM (a NATURAL LEFT JOIN b FULL JOIN c USING (x) AS y) AS z CROSS JOIN d \
         RIGHT JOIN (e JOIN f ON true) ON g",
        "(SELECT 1 ORDER BY 1 LIMIT 1) UNION (SELECT 2 EXCEPT ALL SELECT 3) UNION ALL VALUES (4) \
         INTERSECT SELECT 5 ORDER BY 1 FETCH FIRST 3 ROWS WITH TIES",
        "SELECT 1 EXCEPT (SELECT 2 EXCEPT SELECT 3) EXCEPT SELECT 4 LIMIT ALL",
        "SELECT f(a, VARIADIC b), g(x => 1, y := 2), percentile_cont(0.5) WITHIN GROUP (ORDER BY a), \
         sum(a) OVER w, sum(a) OVER (w ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES), \
         count(*) OVER (), row(1), (1, 2), row(), ARRAY[[1], [2]], ARRAY(SELECT 1), EXISTS (SELECT), \
         (a, b) IN (SELECT 1, 2), a <> ALL (SELECT 1), a LIKE ANY (b), GROUPING(a), (SELECT 1) + 1",
        "SELECT overlay(a PLACING b FROM 1), position(a IN b), (a, b) OVERLAPS (c, d), \
         COLLATION FOR (a), normalize(a, NFKD), a IS NOT NFC NORMALIZED, trim(a), trim(BOTH FROM a, b), \
         substring(a FOR 3), substring(a SIMILAR b ESCAPE c), extract('x y' FROM a), a AT LOCAL",
        "SELECT a::pg_catalog.bpchar, a::char, a::bit, a::bit varying(3), a::float(3), a::dec, \
         a::\"char\", a::interval year to month, a::interval hour, a::interval second(2), \
         a::s.\"T\"(1, x)[][3], a::time with time zone, a::setof_x, (-1)::int, (-1.5)[1], -'1'::int",
    ] {
        returns(sql);
    }
}

/// An expression of any shape that the grammar can make, as text.
fn any_expr() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("a".to_owned()),
        Just("t.\"B c\"".to_owned()),
        Just("NULL".to_owned()),
        Just("$1".to_owned()),
        Just("current_date".to_owned()),
        any::<i32>().prop_map(|n| n.to_string()),
        (0u64..u64::MAX, -300..300i32).prop_map(|(n, e)| format!("{n}.5e{e}")),
        "[a-z'\\\\ é]{0,5}".prop_map(|s| common::quote_literal(&s)),
    ];
    leaf.prop_recursive(6, 60, 4, |inner| {
        let two = || (inner.clone(), inner.clone());
        prop_oneof![
            (
                two(),
                prop::sample::select(
                    &["+", "||", "=", "<->", "AND", "OR", "->>", "OPERATOR(s.*)"][..]
                )
            )
                .prop_map(|((a, b), op)| format!("({a}) {op} ({b})")),
            (
                two(),
                prop::sample::select(&["+", "*", "AND", "OR", "-"][..])
            )
                .prop_map(|((a, b), op)| format!("{a} {op} {b}")),
            (
                inner.clone(),
                prop::sample::select(&["-", "NOT ", "@", "+"][..])
            )
                .prop_map(|(a, op)| format!("{op}({a})")),
            (
                inner.clone(),
                prop::sample::select(&["int", "text[]", "numeric(3,1)", "s.t"][..])
            )
                .prop_map(|(a, t)| format!("({a})::{t}")),
            (
                inner.clone(),
                prop::sample::select(
                    &["IS NULL", "IS NOT TRUE", "COLLATE \"C\"", "IS NOT NULL"][..]
                )
            )
                .prop_map(|(a, test)| format!("({a}) {test}")),
            two().prop_map(|(a, b)| format!("f({a}, x => {b})")),
            two().prop_map(|(a, b)| format!("CASE WHEN {a} THEN {b} END")),
            two().prop_map(|(a, b)| format!("({a}) NOT BETWEEN ({b}) AND ({a})")),
            two().prop_map(|(a, b)| format!("({a}) IN ({b}, {a})")),
            two().prop_map(|(a, b)| format!("({a}) ILIKE ({b}) ESCAPE 'x'")),
            two().prop_map(|(a, b)| format!("(SELECT {a} FROM t WHERE {b})")),
            two().prop_map(|(a, b)| format!("({a}) = ANY (SELECT {b})")),
            two().prop_map(|(a, b)| format!("(ARRAY[{a}, {b}])[1].c")),
            two().prop_map(|(a, b)| format!("(({a}) AT TIME ZONE ({b}))")),
            two().prop_map(|(a, b)| format!("ROW({a}, {b})")),
        ]
    })
}

proptest! {
    #[test]
    fn any_expression_returns(sql in any_expr()) {
        // A few of the texts are no SQL at all (`a = b = c`); they are not the point here.
        if parse(&format!("SELECT {sql}")).is_ok() {
            let tree = expr(&sql);
            let text = deparse_expr(&tree);
            prop_assert_eq!(expr(&text), tree, "{}", text);
        }
    }

    #[test]
    fn any_text_gets_an_answer(sql in ".{0,60}") {
        parse(&sql).ok();
    }
}

//! What PostgreSQL 15 answers to texts it cannot parse: SQLSTATE, message, position (0: none) and
//! hint, as recorded from a server.

use common::Error;

#[rustfmt::skip]
const ERRORS: &[(&str, &str, &str, u32, &str)] = &[
    ("select 1 +;", "42601", "syntax error at or near \";\"", 11, ""),
    ("select $1a;", "42601", "trailing junk after parameter at or near \"$1a\"", 8, ""),
    ("select ? from t;", "42601", "syntax error at or near \"from\"", 10, ""),
    ("select 'abc;", "42601", "unterminated quoted string at or near \"'abc;\"", 8, ""),
    ("select \"abc;", "42601", "unterminated quoted identifier at or near \"\"abc;\"", 8, ""),
    ("select \"\";", "42601", "zero-length delimited identifier at or near \"\"\"\"", 8, ""),
    ("select /* abc;", "42601", "unterminated /* comment at or near \"/* abc;\"", 8, ""),
    ("select E'\\u00zz';",
        "22025", "invalid Unicode escape", 10, "Unicode escapes must be \\uXXXX or \\UXXXXXXXX."),
    ("select E'\\xff';", "22021", "invalid byte sequence for encoding \"UTF8\": 0xff", 0, ""),
    ("select U&'\\00zz';",
        "42601", "invalid Unicode escape", 11, "Unicode escapes must be \\XXXX or \\+XXXXXX."),
    ("select U&'\\d800';", "42601", "invalid Unicode surrogate pair", 16, ""),
    ("select E'\\ud800';", "42601", "invalid Unicode surrogate pair at or near \"'\"", 16, ""),
    ("select E'\\ud800\\u0041';",
        "42601", "invalid Unicode surrogate pair at or near \"\\u0041\"", 16, ""),
    ("select E'\\U00110000';",
        "42601", "invalid Unicode escape value at or near \"\\U00110000\"", 10, ""),
    ("select b'012;", "42601", "unterminated bit string literal at or near \"b'012;\"", 8, ""),
    ("select 1 from t limit 1,2;",
        "42601", "LIMIT #,# syntax is not supported", 17, "Use separate LIMIT and OFFSET clauses."),
    ("create table t(a int deferrable);", "42601", "misplaced DEFERRABLE clause", 22, ""),
    ("create table t(a int primary key deferrable deferrable);",
        "42601", "multiple DEFERRABLE/NOT DEFERRABLE clauses not allowed", 45, ""),
    ("create table t(a int primary key initially deferred not deferrable);",
        "42601", "constraint declared INITIALLY DEFERRED must be DEFERRABLE", 53, ""),
    ("create table t(a int primary key not deferrable initially deferred);",
        "42601", "constraint declared INITIALLY DEFERRED must be DEFERRABLE", 49, ""),
    ("create table t(a float(0));",
        "22023", "precision for type float must be at least 1 bit", 24, ""),
    ("create table t(a float(54));",
        "22023", "precision for type float must be less than 54 bits", 24, ""),
    ("create table t(a int, b int references x match partial);",
        "0A000", "MATCH PARTIAL not yet implemented", 42, ""),
    ("select sum(a) over (rows unbounded following);",
        "42P20", "frame start cannot be UNBOUNDED FOLLOWING", 26, ""),
    ("select sum(a) over (rows between current row and 1 preceding);",
        "42P20", "frame starting from current row cannot have preceding rows", 50, ""),
    ("create role public;", "42939", "role name \"public\" is reserved", 13, ""),
    ("create role current_user;",
        "42939", "CURRENT_USER cannot be used as a role name here", 13, ""),
    ("create role none;", "42939", "role name \"none\" is reserved", 13, ""),
    ("create view v as select 1 into t;", "0A000", "views must not contain SELECT INTO", 0, ""),
    ("copy (select 1 into t) to stdout;", "0A000", "COPY (SELECT INTO) is not supported", 0, ""),
    ("select (select 1 into t);", "42601", "SELECT ... INTO is not allowed here", 23, ""),
    ("declare c scroll no scroll cursor for select 1;",
        "42P11", "cannot specify both SCROLL and NO SCROLL", 0, ""),
    ("declare c cursor for select 1 into t;",
        "42601", "SELECT ... INTO is not allowed here", 36, ""),
    ("create user x unencrypted password 'a';",
        "0A000", "UNENCRYPTED PASSWORD is no longer supported", 15, "Remove UNENCRYPTED to store the password in encrypted form instead."),
    ("select 123abc;", "42601", "trailing junk after numeric literal at or near \"123abc\"", 8, ""),
    ("select 0x1F;", "42601", "trailing junk after numeric literal at or near \"0x1F\"", 8, ""),
    ("select 1_000;", "42601", "trailing junk after numeric literal at or near \"1_000\"", 8, ""),
    ("select @#@#@;", "42601", "syntax error at or near \";\"", 13, ""),
    ("select a b c;", "42601", "syntax error at or near \"c\"", 12, ""),
    ("insert into t values (1,2;", "42601", "syntax error at or near \";\"", 26, ""),
    ("select unique (select 1);", "0A000", "UNIQUE predicate is not yet implemented", 8, ""),
    ("create schema if not exists s create table t(a int);",
        "0A000", "CREATE SCHEMA IF NOT EXISTS cannot include schema elements", 31, ""),
    ("create table if not exists;", "42601", "syntax error at or near \";\"", 27, ""),
    ("drop table;", "42601", "syntax error at or near \";\"", 11, ""),
    ("selec 1;", "42601", "syntax error at or near \"selec\"", 1, ""),
    ("create table t (a int, a;", "42601", "syntax error at or near \";\"", 25, ""),
    ("set transaction isolation level foo;", "42601", "syntax error at or near \"foo\"", 33, ""),
    ("set time zone interval '1' day;",
        "42601", "time zone interval must be HOUR or HOUR TO MINUTE", 28, ""),
    ("begin isolation level;", "42601", "syntax error at or near \";\"", 22, ""),
    ("select row(1,2) overlaps row(1);",
        "42601", "wrong number of parameters on right side of OVERLAPS expression", 26, ""),
    ("select x from a.b.c.d;",
        "42601", "improper qualified name (too many dotted names): a.b.c.d", 15, ""),
    ("select count(*) filter (where);", "42601", "syntax error at or near \")\"", 30, ""),
    ("select f(distinct a) within group (order by b);",
        "42601", "cannot use DISTINCT with WITHIN GROUP", 22, ""),
    ("select f(a order by b) within group (order by c);",
        "42601", "cannot use multiple ORDER BY clauses with WITHIN GROUP", 24, ""),
    ("update t set a.b.c = ;", "42601", "syntax error at or near \";\"", 22, ""),
    ("select a[1:2:3];", "42601", "syntax error at or near \":\"", 13, ""),
    ("select * from t tablesample;", "42601", "syntax error at or near \";\"", 28, ""),
    ("select grouping sets (a);", "42601", "syntax error at or near \"(\"", 22, ""),
    ("values (1), (2,3) limit;", "42601", "syntax error at or near \";\"", 24, ""),
    ("table;", "42601", "syntax error at or near \";\"", 6, ""),
    ("select 'a' 'b';", "42601", "syntax error at or near \"'b'\"", 12, ""),
    ("select 99999999999999999999999::;", "42601", "syntax error at or near \";\"", 33, ""),
    ("é;", "42601", "syntax error at or near \"é\"", 1, ""),
    ("select 'é' éé from from;", "42601", "syntax error at or near \"from\"", 20, ""),
    ("prepare p as select 1; select 2 2;", "42601", "syntax error at or near \"2\"", 33, ""),
    ("lock table t in foo mode;", "42601", "syntax error at or near \"foo\"", 17, ""),
    ("grant foo bar on t to x;", "42601", "syntax error at or near \"bar\"", 11, ""),
    ("create index on t;", "42601", "syntax error at or near \";\"", 18, ""),
    ("create trigger t after insert or insert on t execute function f();",
        "42601", "duplicate trigger events specified at or near \"insert\"", 34, ""),
    ("select a.*.b;", "42601", "improper use of \"*\" at or near \";\"", 13, ""),
    ("select a.b.*.c from t;", "42601", "improper use of \"*\" at or near \"from\"", 16, ""),
    ("fetch 99999999999999999999 from c;",
        "42601", "syntax error at or near \"99999999999999999999\"", 7, ""),
    ("create sequence s foo 3;", "42601", "syntax error at or near \"foo\"", 19, ""),
    ("alter sequence s increment;", "42601", "syntax error at or near \";\"", 27, ""),
    ("select 1; selec 2;", "42601", "syntax error at or near \"selec\"", 11, ""),
    ("create table t(a int generated by default as (1) stored);",
        "42601", "for a generated column, GENERATED ALWAYS must be specified", 32, ""),
    ("create table t(a int null not);", "42601", "syntax error at or near \")\"", 30, ""),
    ("select cast(1 as);", "42601", "syntax error at or near \")\"", 17, ""),
    ("select interval '1' foo bar baz;", "42601", "syntax error at or near \"bar\"", 25, ""),
    ("select timestamp(3, 4) 'x';", "42601", "syntax error at or near \",\"", 19, ""),
    ("select a like b escape;", "42601", "syntax error at or near \";\"", 23, ""),
    ("select case end;", "42601", "syntax error at or near \"end\"", 13, ""),
    ("select (((1);", "42601", "syntax error at or near \";\"", 13, ""),
    ("select ));", "42601", "syntax error at or near \")\"", 8, ""),
    ("delete from t where current of;", "42601", "syntax error at or near \";\"", 31, ""),
    ("explain (foo bar baz qux) select 1;", "42601", "syntax error at or near \"baz\"", 18, ""),
    ("vacuum (full full full) t;", "42601", "syntax error at or near \"full\"", 19, ""),
    ("comment on foo bar is 'x';", "42601", "syntax error at or near \"foo\"", 12, ""),
    ("select 1 operator(+ 2);", "42601", "syntax error at or near \"2\"", 21, ""),
    ("create domain d as int deferrable;",
        "0A000", "specifying constraint deferrability not supported for domains", 0, ""),
    ("merge into t using s on true when matched then;",
        "42601", "syntax error at or near \";\"", 47, ""),
    ("merge into t using s on true when matched then insert values (1);",
        "42601", "syntax error at or near \"insert\"", 48, ""),
];

#[test]
fn as_postgresql_answers() {
    for &(sql, state, message, position, hint) in ERRORS {
        let Err(Error::Sql(error)) = parser::parse(sql) else {
            panic!("parsed: {sql}")
        };
        let found = (
            error.state.as_str(),
            error.message.as_str(),
            error.position.unwrap_or(0),
            error.hint.as_deref().unwrap_or_default(),
        );
        assert_eq!(found, (state, message, position, hint), "{sql}");
    }
}

/// Where we know more than PostgreSQL 15 says, or what we refuse by name.
#[test]
fn our_own_answers() {
    for (sql, state, message) in [
        ("SELECT xmlelement(name a)", "0A000", "XML is not supported"),
        (
            "SELECT * FROM json_table('[]', '$' COLUMNS (a int))",
            "0A000",
            "JSON_TABLE is not supported",
        ),
        (
            "CREATE TABLE t (EXCLUDE (a WITH =))",
            "0A000",
            "EXCLUDE is not supported",
        ),
        (
            "CREATE TABLE t (a int CHECK (a > 0) NOT ENFORCED)",
            "0A000",
            "ENFORCED is not supported",
        ),
        (
            "SELECT $1, $2x",
            "42601",
            "trailing junk after parameter at or near \"$2x\"",
        ),
        ("SELECT ?", "42601", "syntax error at end of input"),
        (
            "SELECT 1 WHERE a = ?",
            "42601",
            "syntax error at end of input",
        ),
    ] {
        let Err(Error::Sql(error)) = parser::parse(sql) else {
            panic!("parsed: {sql}")
        };
        assert_eq!(
            (error.state.as_str(), error.message.as_str()),
            (state, message),
            "{sql}"
        );
    }
}

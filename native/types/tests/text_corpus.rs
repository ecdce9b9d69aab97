//! Text input and output against what PostgreSQL 15 answered (UTC, ISO, C): each line of
//! `text_corpus.tsv` is a type, an input, and `ok` with the output or an SQLSTATE with the message
//! and, behind a bar, the detail. Backslash, tab and newline are escaped.

use types::{SqlType, TextContext, TypeOid, format_text, parse_text, type_by_name};

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(c) => out.push(c),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

/// Types as the corpus writes them, with their modifiers.
fn type_of(name: &str) -> SqlType {
    const FULL: i32 = 0xFFFF;
    let fields = |mask: i32| SqlType::with_typmod(TypeOid::INTERVAL, (mask << 16) | FULL);
    use types::interval_field as f;
    match name {
        "numeric(5,2)" => SqlType::numeric(5, 2),
        "numeric(3,-2)" => SqlType::numeric(3, -2),
        "numeric(3,5)" => SqlType::numeric(3, 5),
        "numeric(5,0)" => SqlType::numeric(5, 0),
        "numeric(2,2)" => SqlType::numeric(2, 2),
        "varchar(3)" => SqlType::varchar(3),
        "char(3)" => SqlType::bpchar(3),
        "time(2)" => SqlType::with_typmod(TypeOid::TIME, 2),
        "timestamp(0)" => SqlType::with_typmod(TypeOid::TIMESTAMP, 0),
        "timestamp(3)" => SqlType::with_typmod(TypeOid::TIMESTAMP, 3),
        "interval(2)" => SqlType::with_typmod(TypeOid::INTERVAL, (f::FULL << 16) | 2),
        "interval year" => fields(f::YEAR),
        "interval month" => fields(f::MONTH),
        "interval day" => fields(f::DAY),
        "interval second" => fields(f::SECOND),
        "interval hour to minute" => fields(f::HOUR | f::MINUTE),
        "interval minute to second" => fields(f::MINUTE | f::SECOND),
        "\"char\"" => TypeOid::CHAR.into(),
        name => type_by_name(name)
            .unwrap_or_else(|| panic!("type {name}"))
            .oid
            .into(),
    }
}

fn answer(ty: SqlType, input: &str) -> String {
    let context = TextContext::default();
    // Over-long text is cut by an explicit cast, which the corpus was made with.
    let cut = matches!(ty.oid, TypeOid::VARCHAR | TypeOid::BPCHAR);
    let parsed = if cut {
        types::apply_text_typmod(input.as_bytes(), ty, true)
            .map(|text| types::Datum::Bytes(text.into_owned().into()))
    } else {
        parse_text(ty, input, &context)
    };
    let formatted = parsed.and_then(|value| {
        let mut out = Vec::new();
        format_text(ty, value.as_ref(), &context, &mut out)?;
        Ok(out)
    });
    match formatted {
        Ok(out) => {
            let text = String::from_utf8(out).expect("text output is UTF-8");
            // The cast of bpchar to text drops its blanks, of boolean spells it out.
            let text = match ty.oid {
                TypeOid::BPCHAR => text.trim_end_matches(' ').to_string(),
                TypeOid::BOOL => if text == "t" { "true" } else { "false" }.to_string(),
                _ => text,
            };
            format!("ok\t{text}")
        }
        Err(error) => {
            let error = error.into_sql();
            let detail = error
                .detail
                .map_or(String::new(), |detail| format!(" | {detail}"));
            format!("{}\t{}{detail}", error.state, error.message)
        }
    }
}

#[test]
fn text_forms_are_postgresqls() {
    let corpus = include_str!("text_corpus.tsv");
    let mut wrong = Vec::new();
    for line in corpus.lines() {
        let fields: Vec<&str> = line.splitn(3, '\t').collect();
        let [ty, input, expected] = fields[..] else {
            panic!("line {line}")
        };
        let input = unescape(input);
        let expected = unescape(expected);
        let got = std::panic::catch_unwind(|| answer(type_of(ty), &input))
            .unwrap_or_else(|_| "PANIC".into());
        if got != expected {
            wrong.push(format!(
                "{ty} {input:?}\n   want {expected:?}\n   got  {got:?}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

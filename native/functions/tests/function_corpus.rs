//! Functions against what PostgreSQL 15 answered: each line of `function_corpus.tsv` is a name, the
//! arguments' types, the arguments (split by 0x1F), and `ok` with the result's text or an SQLSTATE
//! with the message. Backslash, tab and newline are escaped.

use functions::{EvalContext, FunctionDef, FunctionKind, functions_named};
use types::{
    Datum, SqlType, TextContext, TypeOid, Vector, element_of, format_text, parse_text, physical_of,
    type_by_name,
};

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

fn accepts(declared: TypeOid, given: TypeOid) -> bool {
    let array = element_of(given).is_some();
    match declared {
        TypeOid::ANY | TypeOid::ANYELEMENT | TypeOid::ANYCOMPATIBLE => true,
        TypeOid::ANYARRAY | TypeOid::ANYCOMPATIBLEARRAY => array,
        TypeOid::ANYNONARRAY => !array,
        declared => declared == given,
    }
}

fn find(name: &str, args: &[TypeOid]) -> Option<&'static FunctionDef> {
    let fits = |def: &&&FunctionDef| {
        let fixed = def.args.len();
        match def.variadic {
            Some(TypeOid::ANY) => {
                args.len() >= fixed && def.args.iter().zip(args).all(|(d, g)| accepts(*d, *g))
            }
            _ => args.len() == fixed && def.args.iter().zip(args).all(|(d, g)| accepts(*d, *g)),
        }
    };
    functions_named(name).iter().find(fits).copied()
}

/// The result type with what the arguments say put in.
fn result_type(def: &FunctionDef, args: &[TypeOid]) -> TypeOid {
    match def.ret {
        TypeOid::ANYARRAY | TypeOid::ANYCOMPATIBLEARRAY => args
            .iter()
            .copied()
            .find(|ty| element_of(*ty).is_some() && (def.name != "array_fill"))
            .or_else(|| types::array_of(args[0]))
            .unwrap_or(args[0]),
        TypeOid::ANYELEMENT | TypeOid::ANYCOMPATIBLE => args[0],
        other => other,
    }
}

fn answer(name: &str, args: &[TypeOid], values: &[String]) -> String {
    let text = TextContext::default();
    let Some(def) = find(name, args) else {
        return "no such function".into();
    };
    let FunctionKind::Scalar(call) = def.kind else {
        panic!("{name} returns a set")
    };
    let ret = SqlType::new(result_type(def, args));
    let types: Vec<SqlType> = args.iter().map(|oid| SqlType::new(*oid)).collect();
    let run = || -> common::Result<Datum> {
        let mut vectors = Vec::new();
        for (ty, value) in types.iter().zip(values) {
            // Two rows, one of them not constant, so that both ways are gone.
            let datum = parse_text(*ty, value, &text)?;
            let mut vector = Vector::new(physical_of(ty.oid));
            vector.push(datum.as_ref());
            vector.push_null();
            vector.push(datum.as_ref());
            vectors.push(vector);
        }
        let context = EvalContext {
            text: &text,
            args: &types,
            ret,
        };
        if def.strict {
            let result = call(&context, &vectors, 3)?;
            assert_eq!(result.get(0), result.get(2), "{name}");
            return Ok(result.get(0).to_owned());
        }
        let ones: Vec<Vector> = vectors.iter().map(|vector| vector.slice(0, 1)).collect();
        Ok(call(&context, &ones, 1)?.get(0).to_owned())
    };
    match run() {
        Ok(Datum::Null) => "ok\t<NULL>".into(),
        Ok(value) => {
            let mut out = Vec::new();
            format_text(ret, value.as_ref(), &text, &mut out).expect("results can be written");
            let shown = String::from_utf8(out).expect("text output is UTF-8");
            match (ret.oid, shown.as_str()) {
                (TypeOid::BOOL, "t") => "ok\ttrue".into(),
                (TypeOid::BOOL, _) => "ok\tfalse".into(),
                _ => format!("ok\t{shown}"),
            }
        }
        Err(error) => {
            let error = error.into_sql();
            format!("{}\t{}", error.state, error.message)
        }
    }
}

#[test]
fn functions_answer_as_postgresql() {
    let mut wrong = Vec::new();
    for line in include_str!("function_corpus.tsv").lines() {
        let fields: Vec<&str> = line.splitn(4, '\t').collect();
        let [name, types, values, expected] = fields[..] else {
            panic!("line {line}")
        };
        let args: Vec<TypeOid> = types
            .split(',')
            .map(|ty| type_by_name(ty).unwrap_or_else(|| panic!("type {ty}")).oid)
            .collect();
        let values: Vec<String> = values.split('\x1f').map(unescape).collect();
        let got = std::panic::catch_unwind(|| answer(name, &args, &values))
            .unwrap_or_else(|_| "PANIC".into());
        let expected = unescape(expected);
        if got != expected {
            wrong.push(format!(
                "{name}({types}) {values:?}\n   want {expected:?}\n   got  {got:?}"
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

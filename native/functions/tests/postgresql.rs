//! Calls with the results that PostgreSQL 15 gives (`postgresql.txt`).
//!
//! A line is a function's name (or an operator's, or `->type` for a cast), its arguments as
//! `type=text` (`type` alone is NULL), and behind `=>` the result's text or `!! SQLSTATE message`,
//! all separated by tabs. Aggregates take one argument list a row, rows separated by `|`.

use functions::{
    AggregateDef, CastMethod, EvalContext, FunctionDef, FunctionKind, OperatorBody, find_cast,
};
use types::{
    Datum, SqlType, TextContext, TypeOid, Vector, array_of, element_of, format_text, parse_text,
    physical_of, type_by_name,
};

type Outcome = Result<Option<String>, common::Error>;

struct Argument {
    ty: TypeOid,
    value: Datum,
}

fn argument(text: &str, context: &TextContext) -> Argument {
    let (ty, value) = match text.split_once('=') {
        Some((ty, value)) => (ty, Some(value.replace("\\t", "\t").replace("\\n", "\n"))),
        None => (text, None),
    };
    let ty = type_by_name(ty).unwrap_or_else(|| panic!("type {ty}")).oid;
    let value = value.map_or(Datum::Null, |value| {
        parse_text(SqlType::new(ty), &value, context).unwrap_or_else(|e| panic!("{text}: {e}"))
    });
    Argument { ty, value }
}

/// Whether declared types take these, and what the result type is then.
fn fit(
    declared: &[TypeOid],
    variadic: Option<TypeOid>,
    ret: TypeOid,
    given: &[TypeOid],
) -> Option<TypeOid> {
    let mut wanted = declared.to_vec();
    if let Some(variadic) = variadic
        && given
            .last()
            .is_none_or(|last| Some(last) != declared.last() || *last == TypeOid::ANY)
    {
        wanted.pop();
        while wanted.len() < given.len() {
            wanted.push(variadic);
        }
    }
    if wanted.len() != given.len() {
        return None;
    }
    let mut element = None;
    for (want, have) in wanted.iter().zip(given) {
        let found = match *want {
            TypeOid::ANY => continue,
            TypeOid::ANYELEMENT | TypeOid::ANYNONARRAY | TypeOid::ANYCOMPATIBLE => *have,
            TypeOid::ANYARRAY | TypeOid::ANYCOMPATIBLEARRAY => element_of(*have)?,
            same if same == *have => continue,
            _ => return None,
        };
        if *want == TypeOid::ANYNONARRAY && element_of(*have).is_some() {
            return None;
        }
        element.get_or_insert(found);
    }
    match ret {
        TypeOid::ANYELEMENT | TypeOid::ANYNONARRAY | TypeOid::ANYCOMPATIBLE => element,
        TypeOid::ANYARRAY | TypeOid::ANYCOMPATIBLEARRAY => array_of(element?),
        other => Some(other),
    }
}

fn vectors(args: &[Argument]) -> Vec<Vector> {
    let one = |arg: &Argument| {
        let mut vector = Vector::for_type(arg.ty);
        vector.push(arg.value.as_ref());
        vector
    };
    args.iter().map(one).collect()
}

fn shown(ty: TypeOid, value: &Datum, context: &TextContext) -> Outcome {
    if value.is_null() {
        return Ok(None);
    }
    // As the cast to text writes it.
    if let Datum::Bool(value) = value {
        return Ok(Some(value.to_string()));
    }
    let mut out = Vec::new();
    format_text(SqlType::new(ty), value.as_ref(), context, &mut out)?;
    Ok(Some(
        String::from_utf8_lossy(&out)
            .replace('\t', "\\t")
            .replace('\n', "\\n"),
    ))
}

fn call(def: &FunctionDef, ret: TypeOid, args: &[Argument], text: &TextContext) -> Outcome {
    let types: Vec<SqlType> = args.iter().map(|arg| arg.ty.into()).collect();
    let cx = EvalContext {
        text,
        args: &types,
        ret: ret.into(),
    };
    if def.strict && args.iter().any(|arg| arg.value.is_null()) {
        return Ok(None);
    }
    match def.kind {
        FunctionKind::Scalar(function) => {
            let result = function(&cx, &vectors(args), 1)?;
            shown(ret, &result.get(0).to_owned(), text)
        }
        FunctionKind::Set { start, columns } => {
            let values: Vec<Datum> = args.iter().map(|arg| arg.value.clone()).collect();
            let single = [("", ret)];
            let columns = if columns.is_empty() {
                &single[..]
            } else {
                columns
            };
            let mut out: Vec<Vector> = columns
                .iter()
                .map(|(_, ty)| Vector::new(physical_of(*ty)))
                .collect();
            let mut rows = start(&cx, &values)?;
            while rows.next(&mut out, 3)? > 0 {}
            let mut lines = Vec::new();
            for row in 0..out[0].len() {
                let mut cells = Vec::new();
                for (column, (_, ty)) in out.iter().zip(columns) {
                    let cell = shown(*ty, &column.get(row).to_owned(), text)?;
                    cells.push(cell.unwrap_or_else(|| "NULL".into()));
                }
                lines.push(cells.join(","));
            }
            Ok(Some(lines.join(";")))
        }
    }
}

fn aggregate(
    def: &AggregateDef,
    ret: TypeOid,
    rows: &[Vec<Argument>],
    text: &TextContext,
) -> Outcome {
    let types: Vec<SqlType> = rows[0].iter().map(|arg| arg.ty.into()).collect();
    let cx = EvalContext {
        text,
        args: &types,
        ret: ret.into(),
    };
    let mut states = (def.start)(&cx);
    states.resize(1);
    for row in rows {
        if def.strict && row.iter().any(|arg| arg.value.is_null()) {
            continue;
        }
        states.update(&cx, &vectors(row), &[0], &[0])?;
    }
    shown(ret, &states.finish(&cx, 0)?, text)
}

fn run(name: &str, call_text: &str, text: &TextContext) -> Outcome {
    let rows: Vec<Vec<Argument>> = call_text
        .split("\t|\t")
        .map(|row| {
            row.split('\t')
                .filter(|arg| !arg.is_empty())
                .map(|arg| argument(arg, text))
                .collect()
        })
        .collect();
    let given: Vec<TypeOid> = rows[0].iter().map(|arg| arg.ty).collect();
    if let Some(target) = name.strip_prefix("->") {
        let target = type_by_name(target).expect("a type").oid;
        let cast = find_cast(given[0], target).unwrap_or_else(|| panic!("no cast {name}"));
        let CastMethod::Function(function) = cast.method else {
            panic!("{name} is no function")
        };
        let types = [SqlType::new(given[0])];
        let cx = EvalContext {
            text,
            args: &types,
            ret: target.into(),
        };
        let result = function(&cx, &vectors(&rows[0]), 1)?;
        return shown(target, &result.get(0).to_owned(), text);
    }
    for def in functions::aggregates_named(name) {
        if let Some(ret) = fit(def.args, def.variadic, def.ret, &given) {
            return aggregate(def, ret, &rows, text);
        }
    }
    for def in functions::functions_named(name) {
        if let Some(ret) = fit(def.args, def.variadic, def.ret, &given) {
            return call(def, ret, &rows[0], text);
        }
    }
    for op in functions::operators_named(name) {
        let declared: Vec<TypeOid> = op.left.into_iter().chain([op.right]).collect();
        if let (Some(ret), OperatorBody::Function(def)) =
            (fit(&declared, None, op.ret, &given), op.body)
        {
            return call(def, ret, &rows[0], text);
        }
    }
    Err(common::Error::internal(format!(
        "no function {name} of {given:?}"
    )))
}

#[test]
fn results_are_postgresqls() {
    let text = TextContext {
        now_us: 0,
        ..TextContext::default()
    };
    let mut wrong = Vec::new();
    let cases = include_str!("postgresql.txt");
    for line in cases
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let (call_text, expected) = line.split_once("\t=>\t").expect("a call and its result");
        let (name, args) = call_text.split_once('\t').unwrap_or((call_text, ""));
        let got = match run(name, args, &text) {
            Ok(Some(value)) => value,
            Ok(None) => "NULL".to_string(),
            Err(error) => {
                let error = error.into_sql();
                format!("!! {} {}", error.state, error.message)
            }
        };
        if got != expected {
            wrong.push(format!(
                "{call_text}\n   is      {got}\n   must be {expected}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

//! Prints every definition as a row of `pg_proc`, to compare with a real catalogue:
//! kind, number, name, argument types, result type, strict, volatility.

fn main() {
    let types = |args: &[types::TypeOid]| {
        args.iter()
            .map(|ty| ty.0.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    for def in functions::functions() {
        println!(
            "f|{}|{}|{}|{}|{}|{:?}|{}",
            def.oid,
            def.name,
            types(def.args),
            def.ret.0,
            def.strict,
            def.volatility,
            def.returns_set()
        );
    }
    for def in functions::aggregates() {
        println!(
            "a|{}|{}|{}|{}|||",
            def.oid,
            def.name,
            types(def.args),
            def.ret.0
        );
    }
    for def in functions::windows() {
        println!(
            "w|{}|{}|{}|{}|||",
            def.oid,
            def.name,
            types(def.args),
            def.ret.0
        );
    }
    for def in functions::operators() {
        let left = def.left.map_or(0, |ty| ty.0);
        println!(
            "o|{}|{}|{left} {}|{}|||",
            def.oid, def.name, def.right.0, def.ret.0
        );
    }
    for def in functions::casts() {
        println!(
            "c|0||{} {}|||{:?}|",
            def.source.0, def.target.0, def.context
        );
    }
}

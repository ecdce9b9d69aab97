//! Choice among overloaded operators and functions (PostgreSQL's `func_select_candidate`).
//!
//! The steps and their order are those of `parse_func.c`: exact matches, preferred types, the
//! category of unknown literals, and last the type of the known arguments. Works on type oids alone.

use super::type_rules::TypeRules;
use types::TypeOid;

/// An overload: its position in the caller's list and the types it declares for the arguments.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub index: usize,
    pub args: Vec<TypeOid>,
}

/// What resolution found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Choice {
    One(usize),
    None,
    Ambiguous,
}

/// Keeps the candidates that all arguments can be coerced to implicitly.
pub(super) fn matching(
    rules: &TypeRules<'_>,
    inputs: &[TypeOid],
    all: Vec<Candidate>,
) -> Vec<Candidate> {
    let fits = |c: &Candidate| rules.can_coerce(inputs, &c.args);
    all.into_iter().filter(fits).collect()
}

/// Resolves `inputs` (oids, `unknown` for untyped literals) among `all`.
pub(super) fn choose(rules: &TypeRules<'_>, inputs: &[TypeOid], all: Vec<Candidate>) -> Choice {
    let mut left = matching(rules, inputs, all);
    match left.len() {
        0 => return Choice::None,
        1 => return Choice::One(left[0].index),
        _ => {}
    }
    let base: Vec<TypeOid> = inputs.iter().map(|ty| rules.base_type(*ty)).collect();
    let known = |i: usize| base[i] != TypeOid::UNKNOWN;

    keep_best(&mut left, |c| {
        (0..base.len())
            .filter(|&i| known(i) && c.args[i] == base[i])
            .count()
    });
    if let [one] = left.as_slice() {
        return Choice::One(one.index);
    }
    let categories: Vec<u8> = base.iter().map(|ty| rules.category(*ty)).collect();
    keep_best(&mut left, |c| {
        let good =
            |i: usize| c.args[i] == base[i] || rules.is_preferred_in(categories[i], c.args[i]);
        (0..base.len()).filter(|&i| known(i) && good(i)).count()
    });
    if let [one] = left.as_slice() {
        return Choice::One(one.index);
    }
    let unknowns: Vec<usize> = (0..base.len()).filter(|&i| !known(i)).collect();
    if unknowns.is_empty() {
        return Choice::Ambiguous;
    }
    if let Some(kept) = by_unknown_category(rules, &left, &unknowns) {
        left = kept;
        if let [one] = left.as_slice() {
            return Choice::One(one.index);
        }
    }
    by_known_type(rules, &base, &left)
}

/// Keeps those with the highest score.
fn keep_best(left: &mut Vec<Candidate>, score: impl Fn(&Candidate) -> usize) {
    let scores: Vec<usize> = left.iter().map(&score).collect();
    let best = scores.iter().copied().max().unwrap_or(0);
    let mut at = scores.into_iter();
    left.retain(|_| at.next() == Some(best));
}

/// If each unknown argument has one category among the candidates (strings win a conflict), keeps
/// the candidates of that category, the preferred type first. `None` where nothing is decided.
fn by_unknown_category(
    rules: &TypeRules<'_>,
    left: &[Candidate],
    unknowns: &[usize],
) -> Option<Vec<Candidate>> {
    let mut slots = Vec::with_capacity(unknowns.len());
    for &i in unknowns {
        let (mut category, mut has_preferred) = (0u8, false);
        let mut conflict = false;
        for candidate in left {
            let ty = candidate.args[i];
            let (own, preferred) = (rules.category(ty), rules.is_preferred(ty));
            if category == 0 {
                (category, has_preferred) = (own, preferred);
            } else if own == category {
                has_preferred |= preferred;
            } else if own == b'S' {
                (category, has_preferred) = (own, preferred);
            } else {
                conflict = true;
            }
        }
        if conflict && category != b'S' {
            return None;
        }
        slots.push((i, category, has_preferred));
    }
    let fits = |c: &&Candidate| {
        slots.iter().all(|&(i, category, has_preferred)| {
            let ty = c.args[i];
            rules.category(ty) == category && (!has_preferred || rules.is_preferred(ty))
        })
    };
    let kept: Vec<Candidate> = left.iter().filter(fits).cloned().collect();
    (!kept.is_empty()).then_some(kept)
}

/// The last rule: unknown arguments are taken to have the one type that the known ones have.
fn by_known_type(rules: &TypeRules<'_>, base: &[TypeOid], left: &[Candidate]) -> Choice {
    let mut known = base.iter().copied().filter(|ty| *ty != TypeOid::UNKNOWN);
    let Some(first) = known.next() else {
        return Choice::Ambiguous;
    };
    if known.any(|ty| ty != first) {
        return Choice::Ambiguous;
    }
    let assumed = vec![first; base.len()];
    let mut fits = left.iter().filter(|c| rules.can_coerce(&assumed, &c.args));
    match (fits.next(), fits.next()) {
        (Some(one), None) => Choice::One(one.index),
        _ => Choice::Ambiguous,
    }
}

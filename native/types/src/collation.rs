//! How text is ordered.

/// A collation that the engine evaluates. All names that the catalogue knows mean this one: bytes of
/// UTF-8, that is code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Collation {
    #[default]
    C,
}

//! The instruction sets, and the choice among them.

use std::sync::OnceLock;

use crate::ffi;
use crate::kernels::Kernels;

/// Instruction sets, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Scalar,
    Sse42,
    Avx2,
    Avx512,
}

impl Level {
    pub const ALL: [Self; 4] = [Self::Scalar, Self::Sse42, Self::Avx2, Self::Avx512];

    /// The name that `RUSTYDB_SIMD` takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Sse42 => "sse42",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// The best level of this processor up to `self`.
    pub fn available(self) -> Self {
        // SAFETY: the function only asks the processor.
        let level = unsafe { ffi::rdb_best_level(self as i32) };
        Self::ALL[usize::try_from(level).unwrap_or(0).min(3)]
    }
}

/// The kernels of the best level that this processor and `RUSTYDB_SIMD` allow; chosen once.
pub fn kernels() -> &'static Kernels {
    static CHOSEN: OnceLock<Kernels> = OnceLock::new();
    CHOSEN.get_or_init(|| {
        let asked = std::env::var("RUSTYDB_SIMD").unwrap_or_default();
        let cap = Level::ALL.into_iter().find(|level| level.name() == asked);
        Kernels::of(cap.unwrap_or(Level::Avx512))
    })
}

//! Randomness: the kernel's, or the simulator's seed.

use super::scheduler;

pub fn random_u64() -> u64 {
    let mut bytes = [0; 8];
    random_bytes(&mut bytes);
    u64::from_le_bytes(bytes)
}

/// Fills `out` with bytes fit for keys and identifiers.
pub fn random_bytes(out: &mut [u8]) {
    if let Some(scheduler) = scheduler::current() {
        for chunk in out.chunks_mut(8) {
            chunk.copy_from_slice(&scheduler.random_u64().to_le_bytes()[..chunk.len()]);
        }
        return;
    }
    let mut filled = 0;
    while filled < out.len() {
        let rest = &mut out[filled..];
        // SAFETY: the pointer and length are those of a live exclusive slice.
        let n = unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
        match usize::try_from(n) {
            Ok(n) => filled += n,
            Err(_) => {
                let error = std::io::Error::last_os_error();
                assert!(
                    error.kind() == std::io::ErrorKind::Interrupted,
                    "the kernel gives no random bytes: {error}"
                );
            }
        }
    }
}

//! Page-aligned memory from one reserved address range, committed in chunks.

use std::io;

use common::limits::PAGE_SIZE;

/// A reserved address range. Committed bytes read as zeros until written; the rest faults.
#[derive(Debug)]
pub struct Arena {
    base: *mut u8,
    reserved_bytes: usize,
}

// SAFETY: the arena only hands out addresses; who uses them answers for the accesses.
unsafe impl Send for Arena {}
// SAFETY: as above.
unsafe impl Sync for Arena {}

impl Arena {
    /// Reserves address space, no memory.
    pub fn reserve(size_bytes: usize) -> io::Result<Self> {
        let size = size_bytes.next_multiple_of(PAGE_SIZE).max(PAGE_SIZE);
        // SAFETY: an anonymous mapping at an address of the kernel's choice touches nothing else.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size,
                libc::PROT_NONE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Self {
            base: base.cast(),
            reserved_bytes: size,
        })
    }

    /// Reserves and commits.
    pub fn committed(size_bytes: usize) -> io::Result<Self> {
        let arena = Self::reserve(size_bytes)?;
        arena.commit(0, size_bytes)?;
        Ok(arena)
    }

    /// Makes `start..start + size` usable; multiples of the system's page.
    pub fn commit(&self, start: usize, size_bytes: usize) -> io::Result<()> {
        assert!(
            start + size_bytes <= self.reserved_bytes,
            "beyond the range"
        );
        if size_bytes == 0 {
            return Ok(());
        }
        // SAFETY: the range lies in our own mapping.
        let result = unsafe {
            libc::mprotect(
                self.base.add(start).cast(),
                size_bytes,
                libc::PROT_READ | libc::PROT_WRITE,
            )
        };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
        if size_bytes >= 4 << 20 {
            // Fewer TLB misses; a refusal costs speed only.
            // SAFETY: as above.
            unsafe {
                libc::madvise(self.base.add(start).cast(), size_bytes, libc::MADV_HUGEPAGE);
            }
        }
        Ok(())
    }

    /// Gives the memory back; the range stays readable as zeros, for late optimistic readers.
    pub fn release(&self, start: usize, size_bytes: usize) {
        assert!(
            start + size_bytes <= self.reserved_bytes,
            "beyond the range"
        );
        // SAFETY: the range lies in our own mapping; private anonymous memory reads as zeros after.
        unsafe {
            libc::madvise(self.base.add(start).cast(), size_bytes, libc::MADV_DONTNEED);
        }
    }

    /// The address of byte `offset`.
    #[inline]
    pub fn at(&self, offset: usize) -> *mut u8 {
        debug_assert!(offset <= self.reserved_bytes, "beyond the range");
        // SAFETY: within the mapping or one past its end.
        unsafe { self.base.add(offset) }
    }

    /// The bytes `start..end` for one who has them alone.
    ///
    /// # Safety
    /// Committed, and no other reference to any of them lives meanwhile.
    #[expect(clippy::mut_from_ref, reason = "the caller answers for exclusiveness")]
    pub unsafe fn slice_mut(&self, start: usize, end: usize) -> &mut [u8] {
        assert!(
            start <= end && end <= self.reserved_bytes,
            "beyond the range"
        );
        // SAFETY: in range; the rest is the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.at(start), end - start) }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: our own mapping, made by `reserve`, used by nobody once the owner goes.
        unsafe { libc::munmap(self.base.cast(), self.reserved_bytes) };
    }
}

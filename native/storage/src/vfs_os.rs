//! The real file system of a data directory.
//!
//! Direct I/O is used where the file system has it; where opening with O_DIRECT or the first access
//! is refused, the file is used through the kernel's cache. The directory lock is `flock` on a file
//! that holds the owner's process id; the kernel drops it with the process.

use std::ffi::CString;
use std::fs;
use std::io::{self, Read, Seek, Write};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::vfs::{File, OpenMode, Vfs};

/// A directory of the operating system.
#[derive(Debug)]
pub struct OsVfs {
    root: PathBuf,
}

struct OsFile {
    file: fs::File,
}

/// Holds the `flock`.
struct OsLock {
    _file: fs::File,
}

impl OsVfs {
    /// Makes the directory (mode 0700) when it is missing; its parent must exist.
    pub fn new(root: impl Into<PathBuf>) -> io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        let root = root.into();
        match fs::DirBuilder::new().mode(0o700).create(&root) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        Ok(Self { root })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    fn path(&self, name: &str) -> PathBuf {
        match name {
            "" => self.root.clone(),
            name => self.root.join(name),
        }
    }

    fn open_with(&self, name: &str, mode: OpenMode, flags: i32) -> io::Result<fs::File> {
        fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(mode == OpenMode::Create)
            .create_new(mode == OpenMode::CreateNew)
            .custom_flags(flags | libc::O_CLOEXEC)
            .mode(0o600)
            .open(self.path(name))
    }
}

impl Vfs for OsVfs {
    fn open(&self, name: &str, mode: OpenMode, direct: bool) -> io::Result<Arc<dyn File>> {
        let file = if direct {
            match self.open_with(name, mode, libc::O_DIRECT) {
                // tmpfs of older kernels and some network file systems.
                Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {
                    // A refused O_DIRECT may have created the file.
                    let again = match mode {
                        OpenMode::CreateNew => OpenMode::Create,
                        mode => mode,
                    };
                    self.open_with(name, again, 0)?
                }
                other => other?,
            }
        } else {
            self.open_with(name, mode, 0)?
        };
        Ok(Arc::new(OsFile { file }))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path(name))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn list(&self, name: &str) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.path(name))? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                // Foreign names that are not UTF-8 are none of ours.
                names.extend(entry.file_name().into_string());
            }
        }
        Ok(names)
    }

    fn create_dir(&self, name: &str) -> io::Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(self.path(name))
    }

    fn sync_dir(&self, name: &str) -> io::Result<()> {
        fs::File::open(self.path(name))?.sync_all()
    }

    fn lock(&self, name: &str) -> io::Result<Box<dyn Send + Sync>> {
        let mut file = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .custom_flags(libc::O_CLOEXEC)
            .mode(0o600)
            .open(self.path(name))?;
        // SAFETY: a system call on a descriptor that lives.
        if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } != 0 {
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::WouldBlock {
                return Err(error);
            }
            let mut holder = String::new();
            file.read_to_string(&mut holder)?;
            let text = format!(
                "\"{}\" is held by the process {}",
                self.path(name).display(),
                holder.trim()
            );
            return Err(io::Error::new(io::ErrorKind::WouldBlock, text));
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())?;
        file.sync_data()?;
        Ok(Box::new(OsLock { _file: file }))
    }

    fn has_atomic_pages(&self) -> bool {
        has_atomic_pages(&self.root)
    }
}

/// Copy-on-write file systems never tear what they replace: ZFS (records of 16 KiB and more are
/// whole), btrfs with checksums.
fn has_atomic_pages(root: &Path) -> bool {
    const ZFS: u64 = 0x2fc1_2fc1;
    let Ok(path) = CString::new(root.as_os_str().as_bytes()) else {
        return false;
    };
    // SAFETY: zero bytes are a valid `statfs`, the path ends in a zero byte, both live.
    let (result, stat) = unsafe {
        let mut stat: libc::statfs = std::mem::zeroed();
        (libc::statfs(path.as_ptr(), &raw mut stat), stat)
    };
    result == 0 && stat.f_type as u64 == ZFS && stat.f_bsize as u64 >= 16384
}

impl OsFile {
    /// Turns direct I/O off after the kernel refused an access with EINVAL; false when it was off.
    fn give_up_direct(&self, error: &io::Error) -> bool {
        if error.raw_os_error() != Some(libc::EINVAL) {
            return false;
        }
        let fd = self.file.as_raw_fd();
        // SAFETY: system calls on a descriptor that lives.
        unsafe {
            let flags = libc::fcntl(fd, libc::F_GETFL);
            flags != -1
                && flags & libc::O_DIRECT != 0
                && libc::fcntl(fd, libc::F_SETFL, flags & !libc::O_DIRECT) == 0
        }
    }
}

impl File for OsFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        match self.file.read_exact_at(buf, offset) {
            Err(error) if self.give_up_direct(&error) => self.file.read_exact_at(buf, offset),
            other => other,
        }
    }

    fn read_many_at(&self, bufs: &mut [&mut [u8]], offset: u64) -> io::Result<()> {
        let wanted: usize = bufs.iter().map(|buf| buf.len()).sum();
        let parts: Vec<libc::iovec> = bufs
            .iter_mut()
            .map(|buf| libc::iovec {
                iov_base: buf.as_mut_ptr().cast(),
                iov_len: buf.len(),
            })
            .collect();
        let count = i32::try_from(parts.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        let at = i64::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput)?;
        // SAFETY: the parts are exclusive slices that outlive the call.
        let read = unsafe { libc::preadv(self.file.as_raw_fd(), parts.as_ptr(), count, at) };
        if usize::try_from(read) == Ok(wanted) {
            return Ok(());
        }
        // Too many parts, an end in the middle, a refused access: page by page says which.
        let mut at = offset;
        for buf in bufs {
            self.read_at(buf, at)?;
            at += buf.len() as u64;
        }
        Ok(())
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        match self.file.write_all_at(buf, offset) {
            Err(error) if self.give_up_direct(&error) => self.file.write_all_at(buf, offset),
            other => other,
        }
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn set_size_bytes(&self, size_bytes: u64) -> io::Result<()> {
        self.file.set_len(size_bytes)
    }

    fn allocate(&self, size_bytes: u64) -> io::Result<()> {
        let size = i64::try_from(size_bytes).map_err(|_| io::ErrorKind::InvalidInput)?;
        // SAFETY: a system call on a descriptor that lives.
        if unsafe { libc::fallocate(self.file.as_raw_fd(), 0, 0, size) } == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::EOPNOTSUPP | libc::ENOSYS) => {
                // SAFETY: as above; returns the error instead of setting errno.
                match unsafe { libc::posix_fallocate(self.file.as_raw_fd(), 0, size) } {
                    0 => Ok(()),
                    code => Err(io::Error::from_raw_os_error(code)),
                }
            }
            _ => Err(error),
        }
    }
}

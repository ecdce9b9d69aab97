//! A disk in memory that fails on command and loses what was not synced.

use std::io;
use std::sync::Arc;

use common::rt::{self, Mutex};
use common::vfs::{File, OpenMode, Vfs};

use crate::disk::DiskImage;
use crate::rng::Rng;

/// What goes wrong, counted in calls that change the disk (writes, syncs, names), from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// From this call on nothing reaches the disk and every call fails: the power is gone.
    PowerCut { at_call: u64 },
    /// This call, when it is a sync, fails, and what it should have synced is lost.
    SyncError { at_call: u64 },
    /// This call, when it is a write, stops half way with EIO.
    WriteError { at_call: u64 },
    /// Files may hold this many bytes together; beyond, ENOSPC.
    Full { capacity_bytes: u64 },
    /// Every sync answers at once and does nothing: a planted bug that tests must catch.
    SyncIgnored,
    /// Syncs of the files in this folder do nothing, those of others work: with the log's folder,
    /// pages reach the disk before their log. A planted bug, too.
    SyncIgnoredIn { folder: &'static str },
}

#[derive(Debug)]
struct State {
    disk: DiskImage,
    faults: Vec<Fault>,
    calls: u64,
    cut: bool,
    locked: bool,
}

/// A [`Vfs`] over a [`DiskImage`].
#[derive(Clone)]
pub struct FaultyVfs(Arc<Mutex<State>>);

struct FaultyFile {
    state: Arc<Mutex<State>>,
    inode: u64,
    /// The folder that it was opened in.
    folder: String,
}

impl FaultyVfs {
    pub fn new(disk: DiskImage, faults: Vec<Fault>) -> Self {
        let state = State {
            disk,
            faults,
            calls: 0,
            cut: false,
            locked: false,
        };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Replaces the faults that are still to come.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.0.lock().faults = faults;
    }

    /// Calls so far that changed the disk.
    pub fn calls(&self) -> u64 {
        self.0.lock().calls
    }

    /// Bytes of all files together, as [`Fault::Full`] counts them.
    pub fn size_bytes(&self) -> u64 {
        self.0.lock().disk.size_bytes()
    }

    /// Cuts the power now, and gives the disk that the next start finds.
    pub fn crash(&self, rng: &mut Rng) -> DiskImage {
        let mut state = self.0.lock();
        state.cut = true;
        state.disk.clone().crash(rng)
    }
}

impl State {
    fn check_power(&self) -> io::Result<()> {
        if self.cut {
            Err(io::Error::other("the power is cut"))
        } else {
            Ok(())
        }
    }

    /// Counts a changing call; errors when the power goes or is gone.
    fn count(&mut self) -> io::Result<()> {
        self.check_power()?;
        self.calls += 1;
        let call = self.calls;
        let cut = |fault: &Fault| matches!(fault, Fault::PowerCut { at_call } if *at_call <= call);
        self.cut = self.faults.iter().any(cut);
        self.check_power()
    }

    fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// ENOSPC when a file may not grow from `old` to `new` bytes.
    fn check_room(&self, old: usize, new: usize) -> io::Result<()> {
        let grows = new.saturating_sub(old) as u64;
        let full = self.faults.iter().any(|fault| match fault {
            Fault::Full { capacity_bytes } => {
                grows > 0 && self.disk.size_bytes() + grows > *capacity_bytes
            }
            _ => false,
        });
        if full {
            Err(io::Error::from_raw_os_error(libc::ENOSPC))
        } else {
            Ok(())
        }
    }
}

impl Vfs for FaultyVfs {
    fn open(&self, name: &str, mode: OpenMode, _direct: bool) -> io::Result<Arc<dyn File>> {
        rt::switch();
        let mut state = self.0.lock();
        state.check_power()?;
        let inode = match (state.disk.inode(name), mode) {
            (Some(_), OpenMode::CreateNew) => {
                return Err(io::Error::from(io::ErrorKind::AlreadyExists));
            }
            (None, OpenMode::Existing) => return Err(io::Error::from(io::ErrorKind::NotFound)),
            (Some(inode), _) => inode,
            (None, _) => {
                state.count()?;
                state.disk.create(name)
            }
        };
        Ok(Arc::new(FaultyFile {
            state: self.0.clone(),
            inode,
            folder: name
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder)
                .to_owned(),
        }))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        rt::switch();
        let mut state = self.0.lock();
        state.count()?;
        if state.disk.inode(name).is_none() {
            return Err(io::Error::from(io::ErrorKind::NotFound));
        }
        state.disk.remove(name);
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        rt::switch();
        let mut state = self.0.lock();
        state.count()?;
        if state.disk.inode(from).is_none() {
            return Err(io::Error::from(io::ErrorKind::NotFound));
        }
        state.disk.rename(from, to);
        Ok(())
    }

    fn list(&self, name: &str) -> io::Result<Vec<String>> {
        let state = self.0.lock();
        state.check_power()?;
        Ok(state.disk.names_in(name))
    }

    fn create_dir(&self, _name: &str) -> io::Result<()> {
        self.0.lock().count()
    }

    fn sync_dir(&self, name: &str) -> io::Result<()> {
        rt::switch();
        let mut state = self.0.lock();
        state.count()?;
        if !state.has(Fault::SyncIgnored) {
            state.disk.sync_dir(name);
        }
        Ok(())
    }

    fn lock(&self, _name: &str) -> io::Result<Box<dyn Send + Sync>> {
        let mut state = self.0.lock();
        if state.locked {
            return Err(io::Error::other(
                "the data directory is in use by process 1",
            ));
        }
        state.locked = true;
        Ok(Box::new(Held(self.0.clone())))
    }

    fn has_atomic_pages(&self) -> bool {
        false
    }
}

struct Held(Arc<Mutex<State>>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.lock().locked = false;
    }
}

impl File for FaultyFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        rt::switch();
        let state = self.state.lock();
        state.check_power()?;
        let bytes = &state.disk.file(self.inode).current;
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        match bytes.get(start..start + buf.len()) {
            Some(bytes) => {
                buf.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
        }
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        rt::switch();
        let mut state = self.state.lock();
        state.count()?;
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let old = state.disk.file(self.inode).current.len();
        state.check_room(old, offset + buf.len())?;
        let at_call = state.calls;
        let fails = state.has(Fault::WriteError { at_call });
        let written = if fails { &buf[..buf.len() / 2] } else { buf };
        state.disk.file_mut(self.inode).write(written, offset);
        if fails {
            Err(io::Error::from_raw_os_error(libc::EIO))
        } else {
            Ok(())
        }
    }

    fn sync(&self) -> io::Result<()> {
        rt::switch();
        let mut state = self.state.lock();
        state.count()?;
        let at_call = state.calls;
        let ignores = |fault: &Fault| match fault {
            Fault::SyncIgnored => true,
            Fault::SyncIgnoredIn { folder } => self.folder == *folder,
            _ => false,
        };
        if state.faults.iter().any(ignores) {
            return Ok(());
        }
        if state.has(Fault::SyncError { at_call }) {
            state.disk.file_mut(self.inode).lose_dirty();
            return Err(io::Error::from_raw_os_error(libc::EIO));
        }
        state.disk.file_mut(self.inode).sync();
        Ok(())
    }

    fn size_bytes(&self) -> io::Result<u64> {
        let state = self.state.lock();
        state.check_power()?;
        Ok(state.disk.file(self.inode).current.len() as u64)
    }

    fn set_size_bytes(&self, size_bytes: u64) -> io::Result<()> {
        rt::switch();
        let mut state = self.state.lock();
        state.count()?;
        let size = usize::try_from(size_bytes).map_err(io::Error::other)?;
        let old = state.disk.file(self.inode).current.len();
        state.check_room(old, size)?;
        state.disk.file_mut(self.inode).set_size(size);
        Ok(())
    }

    fn allocate(&self, size_bytes: u64) -> io::Result<()> {
        if size_bytes > self.size_bytes()? {
            self.set_size_bytes(size_bytes)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk_with_file(seed: u64, sync: bool, sync_dir: bool) -> (FaultyVfs, DiskImage) {
        let vfs = FaultyVfs::new(DiskImage::default(), vec![]);
        let file = vfs
            .open("data/1", OpenMode::CreateNew, false)
            .expect("opens");
        file.write_at(&[7; 4096], 0).expect("writes");
        if sync {
            file.sync().expect("syncs");
        }
        if sync_dir {
            vfs.sync_dir("data").expect("syncs");
        }
        let image = vfs.crash(&mut Rng::new(seed));
        (vfs, image)
    }

    #[test]
    fn what_is_synced_survives_every_crash() {
        for seed in 0..50 {
            let (_, image) = disk_with_file(seed, true, true);
            let inode = image.inode("data/1").expect("the name was synced");
            assert_eq!(image.file(inode).current, vec![7; 4096]);
        }
    }

    #[test]
    fn what_is_not_synced_tears() {
        let torn = (0..50).filter(|seed| {
            let (_, image) = disk_with_file(*seed, false, true);
            let bytes = &image.file(image.inode("data/1").expect("named")).current;
            bytes.contains(&0) && bytes.contains(&7)
        });
        assert!(torn.count() > 10);
        let unnamed =
            (0..50).filter(|s| disk_with_file(*s, true, false).1.inode("data/1").is_none());
        assert!(unnamed.count() > 10);
    }

    #[test]
    fn syncs_of_one_folder_are_ignored() {
        let survives = |name: &str| {
            let faults = vec![Fault::SyncIgnoredIn { folder: "wal" }];
            let vfs = FaultyVfs::new(DiskImage::default(), faults);
            let file = vfs.open(name, OpenMode::CreateNew, false).expect("opens");
            vfs.sync_dir("wal").expect("syncs");
            vfs.sync_dir("data").expect("syncs");
            file.write_at(&[7; 4096], 0).expect("writes");
            file.sync().expect("syncs");
            (0..20).all(|seed| {
                let image = vfs.crash(&mut Rng::new(seed));
                let inode = image.inode(name).expect("named");
                image.file(inode).current == vec![7; 4096]
            })
        };
        assert!(survives("data/1"));
        assert!(!survives("wal/1"));
    }

    #[test]
    fn a_failed_sync_loses_its_bytes_for_good() {
        let vfs = FaultyVfs::new(DiskImage::default(), vec![Fault::SyncError { at_call: 4 }]);
        let file = vfs.open("f", OpenMode::CreateNew, false).expect("opens");
        vfs.sync_dir("").expect("syncs");
        file.write_at(&[9; 512], 0).expect("writes");
        assert!(file.sync().is_err());
        file.sync().expect("the second sync has nothing to do");
        let mut seen = [0; 512];
        file.read_at(&mut seen, 0)
            .expect("the cache still shows it");
        assert_eq!(seen, [9; 512]);
        let image = vfs.crash(&mut Rng::new(1));
        assert!(
            !image
                .file(image.inode("f").expect("named"))
                .current
                .contains(&9)
        );
        assert!(file.read_at(&mut seen, 0).is_err(), "the power is cut");
    }

    #[test]
    fn a_full_disk_says_so_and_keeps_what_fits() {
        let vfs = FaultyVfs::new(
            DiskImage::default(),
            vec![Fault::Full {
                capacity_bytes: 1000,
            }],
        );
        let file = vfs.open("f", OpenMode::CreateNew, false).expect("opens");
        file.write_at(&[1; 1000], 0).expect("fits");
        file.write_at(&[2; 1000], 0).expect("does not grow");
        let error = file.write_at(&[3; 1], 1000).expect_err("full");
        assert_eq!(error.raw_os_error(), Some(libc::ENOSPC));
    }
}

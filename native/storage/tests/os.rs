//! On the real file system.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use std::sync::Arc;

use common::vfs::{OpenMode, Vfs};
use common::{FileId, PageId, Xid};
use storage::vfs_os::OsVfs;
use storage::{FileKind, NoHooks, Options, Storage};
use support::*;

struct Directory(std::path::PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("storage-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn open(&self, options: Options) -> common::Result<support::Opened> {
        let vfs = OsVfs::new(&self.0).expect("a directory");
        Storage::open(Arc::new(vfs), options, ops(), Arc::new(NoHooks))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn pages_and_commits_survive_with_threads_and_direct_io() {
    let directory = Directory::new("survive");
    let options = || Options {
        no_threads: false,
        open_files_max: 3,
        ..small_options()
    };
    let (storage, _) = directory.open(options()).unwrap();
    let files: Vec<FileId> = (0..10)
        .map(|_| storage.create_file(Xid(0), FileKind::Data).unwrap())
        .collect();
    let pages: Vec<PageId> = (0..300)
        .map(|n| new_page(&storage, files[n % 10], 100, n as u64).unwrap())
        .collect();
    for n in 0..500 {
        set_value(&storage, pages[n % 300], 200, n as u64).unwrap();
        if n % 10 == 0 {
            commit(&storage, n as u64 + 1).unwrap();
        }
    }
    commit(&storage, 1000).unwrap();
    // At most three page files, besides log, control, dw and lock.
    let open = std::fs::read_dir("/proc/self/fd").unwrap();
    let names = open.filter_map(|fd| std::fs::read_link(fd.ok()?.path()).ok());
    let data = self::directory_of(&directory, "data");
    assert!(names.filter(|name| name.starts_with(&data)).count() <= 3);
    storage.abandon();
    let check = |storage: &Storage| {
        for (n, id) in pages.iter().enumerate() {
            assert_eq!(value(storage, *id, 100).unwrap(), n as u64);
            let last = if n < 200 { n + 300 } else { n };
            assert_eq!(value(storage, *id, 200).unwrap(), last as u64);
        }
    };
    let (storage, info) = directory.open(options()).unwrap();
    assert!(!info.was_clean);
    check(&storage);
    storage.close().unwrap();
    let (storage, info) = directory.open(options()).unwrap();
    assert!(info.was_clean);
    check(&storage);
    storage.close().unwrap();
}

fn directory_of(directory: &Directory, name: &str) -> std::path::PathBuf {
    directory.0.canonicalize().unwrap().join(name)
}

#[test]
fn a_second_server_is_refused_by_name() {
    let directory = Directory::new("lock");
    let (storage, _) = directory.open(small_options()).unwrap();
    let error = directory.open(small_options()).err().unwrap();
    assert_eq!(error.state(), common::sqlstate::LOCK_FILE_EXISTS);
    let common::Error::Sql(error) = error else {
        panic!("an error to show");
    };
    let pid = std::process::id().to_string();
    assert!(error.detail.unwrap().contains(&pid));
    storage.close().unwrap();
    directory.open(small_options()).unwrap().0.close().unwrap();
}

#[test]
fn the_file_system_does_what_the_trait_says() {
    let directory = Directory::new("vfs");
    let vfs = OsVfs::new(&directory.0).unwrap();
    vfs.create_dir("a/b").unwrap();
    vfs.create_dir("a/b").unwrap();
    let file = vfs.open("a/b/one", OpenMode::CreateNew, false).unwrap();
    assert!(vfs.open("a/b/one", OpenMode::CreateNew, false).is_err());
    assert!(vfs.open("a/b/two", OpenMode::Existing, true).is_err());
    file.write_at(b"hello", 3).unwrap();
    let mut bytes = [9; 8];
    file.read_at(&mut bytes, 0).unwrap();
    assert_eq!(&bytes, b"\0\0\0hello");
    let error = file.read_at(&mut bytes, 1).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    file.allocate(100_000).unwrap();
    assert_eq!(file.size_bytes().unwrap(), 100_000);
    file.set_size_bytes(5).unwrap();
    file.sync().unwrap();
    vfs.rename("a/b/one", "a/b/two").unwrap();
    vfs.sync_dir("a/b").unwrap();
    assert_eq!(vfs.list("a/b").unwrap(), ["two"]);
    assert!(vfs.list("a").unwrap().is_empty(), "folders are not listed");
    vfs.remove("a/b/two").unwrap();
    assert!(vfs.remove("a/b/two").is_err());
}

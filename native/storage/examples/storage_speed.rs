//! Prints what the storage's basic steps cost: `cargo run --release --example storage_speed [DIR]`.
//! The directory must be empty and on the disk to be measured.

#![allow(clippy::unwrap_used, reason = "a measuring tool: any error ends it")]

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use common::vfs::{OpenMode, Vfs};
use common::{PageId, Result, Xid};
use storage::vfs_mem::MemVfs;
use storage::vfs_os::OsVfs;
use storage::{
    CommitRequest, Durability, EndKind, FileKind, NoHooks, OpTable, Options, Storage, Wait,
};

const SET: u8 = 0x70;

fn set(page: &mut [u8], body: &[u8]) -> Result<()> {
    page[1000..1000 + body.len()].copy_from_slice(body);
    Ok(())
}

fn open(vfs: Arc<dyn Vfs>) -> Arc<Storage> {
    let ops = OpTable::new().register(&[(SET, "set", set)]);
    let options = Options {
        buffer_pool_bytes: 256 << 20,
        ..Options::default()
    };
    Storage::open(vfs, options, ops, Arc::new(NoHooks))
        .unwrap()
        .0
}

fn new_pages(storage: &Storage, count: usize) -> Vec<PageId> {
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    (0..count)
        .map(|_| {
            let mut mtr = storage.begin();
            let slot = mtr.allocate(file, 0x30, 1).unwrap();
            let id = mtr.id(slot);
            mtr.commit(Xid(0)).unwrap();
            id
        })
        .collect()
}

fn time(name: &str, count: u64, mut body: impl FnMut(u64)) -> f64 {
    let start = Instant::now();
    for n in 0..count {
        body(n);
    }
    let each = start.elapsed().as_secs_f64() * 1e9 / count as f64;
    println!("{name:<44} {each:>10.1} ns {:>12.0} /s", 1e9 / each);
    each
}

fn in_memory() {
    let storage = open(Arc::new(MemVfs::new()));
    let pages = new_pages(&storage, 8192);
    let at = |n: u64| pages[(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 51) as usize % pages.len()];
    time("page hit, one page: read latch", 5_000_000, |_| {
        let page = storage.read(pages[5], Wait::Block).unwrap();
        black_box(page[100]);
    });
    time("page hit, random page: read latch", 5_000_000, |n| {
        let page = storage.read(at(n), Wait::Block).unwrap();
        black_box(page[100]);
    });
    time("page hit, random page: pin + read latch", 5_000_000, |n| {
        let page = storage.page(at(n), Wait::Block).unwrap();
        black_box(page.read()[100]);
    });
    time("page hit, random page: optimistic u64", 5_000_000, |n| {
        black_box(storage.read_optimistic(at(n), |page| page.u64(200)));
    });
    let body = [7_u8; 90];
    time("mini-transaction, 1 page, ~110 B", 2_000_000, |n| {
        let mut mtr = storage.begin();
        let slot = mtr.latch(pages[(n % 64) as usize], Wait::Block).unwrap();
        mtr.op(slot, SET, &body[..70]);
        mtr.commit(Xid(n)).unwrap();
    });
    time("mini-transaction, 2 pages, ~230 B", 2_000_000, |n| {
        let mut mtr = storage.begin();
        let first = mtr.latch(pages[(n % 64) as usize], Wait::Block).unwrap();
        let second = mtr
            .latch(pages[(64 + n % 64) as usize], Wait::Block)
            .unwrap();
        mtr.op(first, SET, &body);
        mtr.op(second, SET, &body);
        mtr.commit(Xid(n)).unwrap();
    });
    storage.close().unwrap();
}

fn raw_rate(vfs: &OsVfs) -> f64 {
    let file = vfs.open("raw", OpenMode::Create, true).unwrap();
    #[repr(align(4096))]
    struct Block([u8; 4096]);
    let block = Block([1; 4096]);
    for n in 0..256 {
        file.write_at(&block.0, n * 4096).unwrap();
    }
    file.sync().unwrap();
    let each = time("raw: pwrite 4 KiB + fdatasync", 2000, |n| {
        file.write_at(&block.0, n % 256 * 4096).unwrap();
        file.sync().unwrap();
    });
    drop(file);
    vfs.remove("raw").unwrap();
    1e9 / each
}

fn transaction(storage: &Storage, page: PageId, n: u64, durability: Durability) -> storage::Ticket {
    let mut mtr = storage.begin();
    let slot = mtr.latch(page, Wait::Block).unwrap();
    mtr.op(slot, SET, &[n as u8; 180]);
    mtr.commit(Xid(n)).unwrap();
    storage
        .commit(CommitRequest {
            xid: Xid(n),
            kind: EndKind::Commit,
            body: &[],
            dropped_files: &[],
            durability,
        })
        .unwrap()
}

fn on_disk(directory: &str) {
    let vfs = OsVfs::new(directory).unwrap();
    let raw = raw_rate(&vfs);
    let start = Instant::now();
    let storage = open(Arc::new(vfs));
    println!(
        "open, new directory: {:.0} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    let pages = new_pages(&storage, 1024);
    let each = time("commit, one session, waiting", 2000, |n| {
        let ticket = transaction(&storage, pages[0], n + 1, Durability::FullWaiting);
        storage.wait(ticket).unwrap();
    });
    println!("    {:.2} of the raw rate", 1e9 / each / raw);
    let each = time("commit, one session, by callback", 2000, |n| {
        let (tell, told) = std::sync::mpsc::channel();
        let ticket = transaction(&storage, pages[0], n + 5000, Durability::Full);
        storage.on_durable(ticket, Box::new(move |result| tell.send(result).unwrap()));
        told.recv().unwrap().unwrap();
    });
    println!("    {:.2} of the raw rate", 1e9 / each / raw);
    let next = AtomicU64::new(10_000);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..32_usize {
            let (storage, pages, next) = (&storage, &pages, &next);
            scope.spawn(move || {
                for _ in 0..1000 {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let ticket = transaction(storage, pages[thread], n, Durability::FullWaiting);
                    storage.wait(ticket).unwrap();
                }
            });
        }
    });
    println!(
        "commit, 32 threads: {:.0} /s, greatest group {}",
        32_000.0 / start.elapsed().as_secs_f64(),
        storage.statistics().commit_group_max
    );
    let start = Instant::now();
    storage.checkpoint().unwrap();
    println!("checkpoint: {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    for page in &pages {
        transaction(&storage, *page, 90_000, Durability::Asynchronous);
    }
    storage.abandon();
    let start = Instant::now();
    let storage = open(Arc::new(OsVfs::new(directory).unwrap()));
    println!(
        "open, after a kill: {:.0} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    storage.close().unwrap();
    let start = Instant::now();
    let storage = open(Arc::new(OsVfs::new(directory).unwrap()));
    println!(
        "open, after a close: {:.0} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    storage.close().unwrap();
}

fn main() {
    in_memory();
    if let Some(directory) = std::env::args().nth(1) {
        on_disk(&directory);
    }
}

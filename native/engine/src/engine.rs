//! The engine of one data directory: what all its sessions share.
//!
//! Owns the storage, the transactions, the newest catalog, the open relations, the workers and the
//! list of sessions. Invariants: it is opened once a directory; after [`Engine::close`] every session
//! gets 57P01 and nothing is written any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use catalog::{Catalog, bootstrap};
use common::vfs::Vfs;
use common::{Error, FileId, ObjectId, Result, Xid, bail, err, sqlstate};
use registry::Registry;
use storage::{Durability, OpTable, RecoveryInfo, Storage, Ticket};
use table::Tables;
use txn::{Backend, BeginOptions, TxnManager, TxnOptions, UndoTarget, WaitObserver};

use crate::catalog_cell::{CatalogCell, EngineHooks, MESSAGE_CATALOG_FILE};
use crate::catalog_table::CatalogTable;
use crate::options::EngineOptions;
use crate::relations::Relations;
use crate::runtime::{self, Workers};
use crate::sequences::Sequences;
use crate::session::{Activity, ConnectOptions, Session, SessionHandle};
use crate::sessions::Sessions;
use crate::statement_statistics::StatementStatistics;
use crate::store::TempFiles;
use crate::stream::StreamHub;
use crate::table_rules::RulesCache;
use crate::temp_namespaces::{self, TEMP_NAMESPACES_MAX, TempNamespaces};

/// The superuser and the database of a new directory.
const SUPERUSER: &str = "rustydb";
const DATABASE: &str = "rustydb";

/// See the module.
pub struct Engine {
    storage: Arc<Storage>,
    txns: Arc<TxnManager>,
    catalog: Arc<CatalogCell>,
    streams: Arc<StreamHub>,
    statement_statistics: StatementStatistics,
    catalog_table: CatalogTable,
    relations: Arc<Relations>,
    sequences: Sequences,
    temp_files: TempFiles,
    rules: Arc<RulesCache>,
    temp_namespaces: Arc<TempNamespaces>,
    /// Rollback and purge reach rows through it; kept here, for they hold it weakly.
    targets: Arc<Tables>,
    workers: Workers,
    sessions: Sessions,
    registry: Registry,
    next_oid: AtomicU32,
    closed: AtomicBool,
    start_micros: i64,
}

/// Lets a worker that waits for a lock leave the count of running ones.
struct LockWaits;

impl WaitObserver for LockWaits {
    fn wait_begin(&self, _backend: &Backend) {
        runtime::wait_begin();
    }

    fn wait_end(&self, _backend: &Backend) {
        runtime::wait_end();
    }
}

impl Engine {
    /// Opens a data directory: makes it when it is empty, recovers it when it was not closed.
    pub fn open(options: EngineOptions) -> Result<Arc<Self>> {
        let vfs = vfs_of(&options)?;
        let txns = TxnManager::new(TxnOptions::default());
        let catalog = Arc::new(CatalogCell::new());
        let streams = Arc::new(StreamHub::default());
        let hooks = Arc::new(EngineHooks {
            txns: txns.clone(),
            catalog: catalog.clone(),
            streams: streams.clone(),
        });
        let storage_options = storage::Options {
            buffer_pool_bytes: options.buffer_pool_bytes,
            sync: options.sync,
            ..options.storage.clone().unwrap_or_default()
        };
        let (storage, info) = Storage::open(vfs.clone(), storage_options, ops(), hooks)?;
        let parts = (&storage, &txns);
        let opened = Registry::open(&vfs)
            .and_then(|registry| Ok((TempFiles::open(vfs)?, registry)))
            .and_then(|beside| Self::start(&options, parts, beside, (catalog, streams), &info));
        if opened.is_err() {
            // Else its threads would keep the storage, and with it the directory, for ever.
            txns.stop_background();
            storage.abandon();
        }
        opened
    }

    fn start(
        options: &EngineOptions,
        (storage, txns): (&Arc<Storage>, &Arc<TxnManager>),
        beside: (TempFiles, Registry),
        published: (Arc<CatalogCell>, Arc<StreamHub>),
        info: &RecoveryInfo,
    ) -> Result<Arc<Self>> {
        txns.start(storage, info)?;
        let parts = (storage.clone(), txns.clone());
        let engine = Self::assemble(options, parts, beside, published, info)?;
        engine.txns.start_background()?;
        engine.drop_left_temporary()?;
        Ok(engine)
    }

    fn assemble(
        options: &EngineOptions,
        (storage, txns): (Arc<Storage>, Arc<TxnManager>),
        (temp_files, registry): (TempFiles, Registry),
        (catalog, streams): (Arc<CatalogCell>, Arc<StreamHub>),
        info: &RecoveryInfo,
    ) -> Result<Arc<Self>> {
        let is_new = catalog.file().is_none();
        let catalog_table = match catalog.file() {
            Some(file) => CatalogTable::open(&storage, &txns, file)?,
            None if !info.is_new => {
                bail!(
                    sqlstate::DATA_CORRUPTED,
                    "the data directory has no catalog"
                )
            }
            None => CatalogTable::create(&storage, &txns)?,
        };
        let relations = Arc::new(Relations::new(
            storage.clone(),
            txns.clone(),
            catalog.clone(),
        ));
        let opener = relations.clone();
        let catalog_rows = catalog_table.table().clone();
        let targets = Tables::new(Box::new(move |file| {
            if catalog_rows.id() == file {
                return Ok(Some(catalog_rows.clone()));
            }
            opener.open_file(FileId(file.0))
        }));
        let target: Arc<dyn UndoTarget> = targets.clone();
        txns.set_target(&target);
        txns.locks().set_observer(Arc::new(LockWaits));
        if is_new {
            storage.log_message(
                Xid(0),
                MESSAGE_CATALOG_FILE,
                &catalog_table.table().file().0.to_le_bytes(),
            )?;
            catalog.set_file(catalog_table.table().file());
            fill(&storage, &txns, &catalog_table)?;
        }
        catalog.set(catalog_table.load()?);
        let known_oid = catalog.current().highest_oid().0;
        let next_oid = known_oid.max(catalog::oid::FIRST_USER.0 - 1) + 1;
        Ok(Arc::new(Self {
            workers: workers_of(options),
            sessions: Sessions::new(options.max_sessions),
            registry,
            next_oid: AtomicU32::new(next_oid),
            closed: AtomicBool::new(false),
            start_micros: common::rt::unix_micros(),
            sequences: Sequences::new(storage.clone()),
            temp_files,
            rules: Arc::default(),
            temp_namespaces: TempNamespaces::new(TEMP_NAMESPACES_MAX),
            storage,
            txns,
            catalog,
            streams,
            statement_statistics: StatementStatistics::default(),
            catalog_table,
            relations,
            targets,
        }))
    }

    /// Drops the temporary relations of sessions that a crash or a restart ended.
    fn drop_left_temporary(&self) -> Result<()> {
        let schemas: Vec<ObjectId> = self.catalog().temp_schemas().collect();
        if schemas.is_empty() {
            return Ok(());
        }
        let backend = self.txns.connect(0)?;
        let dropped = temp_namespaces::drop_contents(self, &backend, &schemas, true);
        self.txns.disconnect(&backend);
        match dropped {
            // A full disk or one that fails: what is left is given to nobody, reading goes on.
            Err(error) if is_of_the_disk(&error) => Ok(()),
            other => other,
        }
    }

    /// Makes a session. 3D000 for another database, 28000 for an unknown user, 53300 when there are
    /// too many.
    pub fn connect(self: &Arc<Self>, options: ConnectOptions) -> Result<Box<Session>> {
        self.check_open()?;
        let catalog = self.catalog.current();
        let Some(role) = catalog
            .role_by_name(&options.user)
            .filter(|role| role.login)
        else {
            bail!(
                sqlstate::INVALID_AUTHORIZATION_SPECIFICATION,
                "role \"{}\" does not exist",
                options.user
            );
        };
        if !catalog
            .databases()
            .any(|database| database.name == options.database)
        {
            bail!(
                sqlstate::INVALID_CATALOG_NAME,
                "database \"{}\" does not exist",
                options.database
            );
        }
        let backend = self.txns.connect(self.sessions.next_pid())?;
        let activity = Activity {
            user: options.user.as_str().into(),
            database: options.database.as_str().into(),
            client_address: options.client_address.clone(),
            ..Activity::default()
        };
        let handle = SessionHandle::new(backend.clone(), activity);
        if let Err(error) = self.sessions.insert(handle.clone()) {
            self.txns.disconnect(&backend);
            return Err(error);
        }
        let mut session = Box::new(Session::new(self.clone(), handle, role.oid));
        session.apply_startup(&options.parameters)?;
        Ok(session)
    }

    /// The session is gone.
    pub(crate) fn forget(&self, handle: &SessionHandle) {
        self.sessions.remove(handle.pid());
        self.streams.notifications().unsubscribe_all(handle.pid());
        self.txns.disconnect(&handle.backend);
        if !self.closed.load(Ordering::Acquire) {
            self.collect_files();
        }
    }

    /// A cancel request; a wrong secret does nothing and tells nothing.
    pub fn cancel(&self, process_id: i32, secret: &[u8]) {
        let found = u32::try_from(process_id)
            .ok()
            .and_then(|pid| self.sessions.get(pid));
        if let Some(handle) = found.filter(|handle| handle.has_secret(secret)) {
            handle.cancel();
        }
    }

    /// Ends all statements, rolls back, makes a checkpoint, releases the directory. Idempotent.
    pub fn close(&self) -> Result<()> {
        if self.closed.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.registry.close();
        for handle in self.sessions.list() {
            handle.terminate();
        }
        self.workers.close();
        self.txns.stop_background();
        let flushed = self.sequences.flush();
        let kept = self.registry.limiter().close();
        // Whatever became of that, the directory is let go.
        let closed = self.storage.close();
        flushed.and(kept).and(closed)
    }

    /// 57P03 once the engine is closing.
    pub fn check_open(&self) -> Result<()> {
        if self.closed.load(Ordering::Acquire) {
            bail!(
                sqlstate::CANNOT_CONNECT_NOW,
                "the database system is shutting down"
            );
        }
        Ok(())
    }

    /// Runs `callback` once the commit is published, or the log has failed.
    pub fn on_durable(&self, ticket: Ticket, callback: Box<dyn FnOnce(Result<()>) + Send>) {
        self.storage.on_durable(ticket, callback);
    }

    /// Waits for a commit; for callers without a front thread.
    pub fn wait(&self, ticket: Ticket) -> Result<()> {
        self.storage.wait(ticket)
    }

    pub fn workers(&self) -> &Workers {
        &self.workers
    }

    /// Drops what takes long to drop, much memory or large files, on a worker; right here where none
    /// can be had.
    pub fn discard(&self, thing: impl Send + 'static) {
        let _ = self.workers.submit(move || drop(thing));
    }

    pub fn storage(&self) -> &Arc<Storage> {
        &self.storage
    }

    pub(crate) fn temp_files(&self) -> &TempFiles {
        &self.temp_files
    }

    pub fn txns(&self) -> &Arc<TxnManager> {
        &self.txns
    }

    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// What the front threads share beside the engine.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    pub fn catalog(&self) -> Arc<Catalog> {
        self.catalog.current()
    }

    pub(crate) fn catalog_cell(&self) -> &Arc<CatalogCell> {
        &self.catalog
    }

    pub(crate) fn statement_statistics(&self) -> &StatementStatistics {
        &self.statement_statistics
    }

    pub(crate) fn streams(&self) -> &StreamHub {
        &self.streams
    }

    pub(crate) fn catalog_table(&self) -> &CatalogTable {
        &self.catalog_table
    }

    pub(crate) fn relations(&self) -> &Arc<Relations> {
        &self.relations
    }

    pub(crate) fn sequences(&self) -> &Sequences {
        &self.sequences
    }

    pub(crate) fn temp_namespaces(&self) -> &Arc<TempNamespaces> {
        &self.temp_namespaces
    }

    pub(crate) fn rules(&self) -> &Arc<RulesCache> {
        &self.rules
    }

    /// Makes a new table known, to rollback too.
    pub(crate) fn add_table(&self, table: Arc<table::Table>) {
        self.targets.add(&table);
        self.relations.add_table(table);
    }

    pub(crate) fn start_micros(&self) -> i64 {
        self.start_micros
    }

    /// An oid that no object has. 54000 when they are used up.
    pub(crate) fn next_oid(&self) -> Result<ObjectId> {
        let next = self.next_oid.fetch_add(1, Ordering::Relaxed);
        match next {
            0..catalog_first => Err(err!(sqlstate::PROGRAM_LIMIT_EXCEEDED, "out of object ids")),
            _ => Ok(ObjectId(next)),
        }
    }

    /// Removes files that nobody can see any more.
    pub(crate) fn remove_files(&self, files: &[FileId]) {
        for file in files {
            self.targets.remove(ObjectId(file.0));
            self.relations.forget(*file);
            self.sequences.forget(*file);
        }
        // What stays on disk after an error is found again by recovery.
        let _ = self.storage.remove_files(files);
    }

    /// As [`Engine::collect_files`], once they are many: to remove files is to wait for the disk.
    pub(crate) fn collect_many_files(&self) {
        const FILES_MIN: usize = 64;
        if self.catalog.garbage_len() >= FILES_MIN {
            self.collect_files();
        }
    }

    /// Removes files of dropped relations that no snapshot needs.
    pub(crate) fn collect_files(&self) {
        // A rollback that a crash left has no locks on the tables that it works on.
        if self.txns.loser_count() > 0 {
            return;
        }
        let garbage = self.catalog.take_garbage(self.txns.oldest_snapshot().lsn);
        self.remove_files(&garbage);
    }
}

fn workers_of(options: &EngineOptions) -> Workers {
    let running = match options.workers {
        0 => common::rt::cores(),
        workers => workers,
    };
    let (threads, queued) = (options.max_sessions + running, options.max_sessions * 2);
    Workers::new(running, threads, queued)
}

/// Whether an error says that the disk is full or fails.
fn is_of_the_disk(error: &Error) -> bool {
    matches!(error.state(), sqlstate::DISK_FULL | sqlstate::IO_ERROR)
}

/// Oids below are the system's.
#[expect(non_upper_case_globals, reason = "it stands in a range pattern")]
const catalog_first: u32 = catalog::oid::FIRST_USER.0;

fn ops() -> OpTable {
    let ops = OpTable::new()
        .register(txn::UNDO_OPS)
        .register(storage::tree::OPS)
        .register(index::INDEX_OPS)
        .register(crate::sequences::OPS);
    table::register_ops(ops)
}

fn vfs_of(options: &EngineOptions) -> Result<Arc<dyn Vfs>> {
    if let Some(vfs) = &options.vfs {
        return Ok(vfs.clone());
    }
    if options.path == ":memory:" {
        return Ok(Arc::new(storage::vfs_mem::MemVfs::new()));
    }
    let vfs = storage::vfs_os::OsVfs::new(&options.path).map_err(|error| {
        Error::io(
            format!("could not open data directory \"{}\"", options.path),
            &error,
        )
    })?;
    Ok(Arc::new(vfs))
}

/// Writes the catalog of an empty database.
fn fill(storage: &Storage, txns: &Arc<TxnManager>, table: &CatalogTable) -> Result<()> {
    let backend = txns.connect(0)?;
    let mut txn = txns.begin(&backend, BeginOptions::default())?;
    table.write(&mut txn, &bootstrap(SUPERUSER, DATABASE), false)?;
    if let Some(ticket) = txns.commit(&mut txn, Durability::FullWaiting, &[], &[])? {
        storage.wait(ticket)?;
    }
    txns.disconnect(&backend);
    Ok(())
}

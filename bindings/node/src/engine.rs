//! Opening, closing and asking an engine.

use std::sync::Arc;

use common::rt::Mutex;
use common::{Result, bail, sqlstate};
use engine::{Engine, EngineOptions};
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;

use crate::guard::{Code, caught, guard};
use crate::slots::Slots;

/// Engines are shared by all threads of the process, so their handles are too.
static ENGINES: Mutex<Slots<Arc<Engine>>> = Mutex::new(Slots::new());

pub fn engine(handle: u32) -> Result<Arc<Engine>> {
    let engines = ENGINES.lock();
    match engines.get(handle) {
        Some(engine) => Ok(engine.clone()),
        None => bail!(
            sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
            "the engine is closed"
        ),
    }
}

/// How to open an engine.
#[napi(object)]
pub struct BindingEngineOptions {
    /// The data directory, or `:memory:`.
    pub path: String,
    /// Bytes of the buffer pool.
    pub buffer_pool_bytes: f64,
    /// `full`, `normal` or `off`.
    pub sync: String,
    /// The most sessions at a time.
    pub max_sessions: u32,
}

pub struct Open(Option<EngineOptions>);

impl Task for Open {
    type Output = Result<Arc<Engine>>;
    type JsValue = u32;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let options = self.0.take();
        Ok(caught(|| Engine::open(options.unwrap_or_default())))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<u32> {
        let opened = guard(|| {
            let mut engines = ENGINES.lock();
            match engines.insert(output?) {
                Some(handle) => Ok(handle),
                None => bail!(sqlstate::CONFIGURATION_LIMIT_EXCEEDED, "too many engines"),
            }
        });
        opened.map_err(|error| reject(env, error))
    }
}

/// A promise's rejection keeps only the generic code, so the real one goes along in front of the
/// message; `ts/native` takes it apart.
pub fn reject(_env: Env, error: napi::Error<Code>) -> napi::Error {
    napi::Error::from_reason(format!("{}|{}", error.status.as_ref(), error.reason))
}

/// Opens a data directory, recovering it where needed. Resolves to the engine's handle.
#[napi(ts_return_type = "Promise<number>")]
pub fn engine_open(options: BindingEngineOptions) -> Result<AsyncTask<Open>, napi::Error<Code>> {
    guard(|| {
        let sync = match options.sync.as_str() {
            "full" => engine::SyncMode::Full,
            "normal" => engine::SyncMode::Normal,
            "off" => engine::SyncMode::Off,
            other => bail!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "unknown sync mode {other}"
            ),
        };
        let options = EngineOptions {
            path: options.path,
            buffer_pool_bytes: options.buffer_pool_bytes as u64,
            sync,
            max_sessions: options.max_sessions as usize,
            ..EngineOptions::default()
        };
        Ok(AsyncTask::new(Open(Some(options))))
    })
}

pub struct Close(Option<Arc<Engine>>);

impl Task for Close {
    type Output = Result<()>;
    type JsValue = ();

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let engine = self.0.take();
        Ok(caught(|| engine.map_or(Ok(()), |engine| engine.close())))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<()> {
        guard(|| output).map_err(|error| reject(env, error))
    }
}

/// Ends statements, makes a checkpoint and releases the data directory. Idempotent.
#[napi(ts_return_type = "Promise<void>")]
pub fn engine_close(handle: u32) -> Result<AsyncTask<Close>, napi::Error<Code>> {
    guard(|| {
        let mut engines = ENGINES.lock();
        Ok(AsyncTask::new(Close(engines.remove(handle))))
    })
}

/// Counters and gauges as JSON.
#[napi]
pub fn engine_statistics(handle: u32) -> Result<String, napi::Error<Code>> {
    guard(|| Ok(engine(handle)?.statistics_json()))
}

pub struct Verify(String);

impl Task for Verify {
    type Output = Result<String>;
    type JsValue = String;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let path = std::mem::take(&mut self.0);
        Ok(caught(|| engine::verify_directory(&path)))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<String> {
        guard(|| output).map_err(|error| reject(env, error))
    }
}

/// Checks every page, index and the log of a data directory. Resolves to a report in JSON.
#[napi(ts_return_type = "Promise<string>")]
pub fn engine_verify(path: String) -> Result<AsyncTask<Verify>, napi::Error<Code>> {
    guard(|| Ok(AsyncTask::new(Verify(path))))
}

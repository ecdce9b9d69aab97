//! COPY TO STDOUT: rows of a plan in one of COPY's formats.

use std::sync::Arc;

use common::Result;
use sql::executor::{Environment, Execution};
use types::Batch;

use super::result_sink::{CopyShape, ResultSink};
use super::session_facts::SessionFacts;
use crate::copy::{CopyFormat, RowWriter};
use crate::store::StatementStore;

/// See the module.
pub struct CopyOut {
    execution: Execution,
    store: Arc<StatementStore>,
    facts: Arc<SessionFacts>,
    writer: RowWriter,
    columns: Vec<String>,
    batch: Batch,
    at: usize,
    announced: bool,
    rows: u64,
    buffer: Vec<u8>,
}

impl CopyOut {
    pub fn new(
        execution: Execution,
        store: Arc<StatementStore>,
        facts: Arc<SessionFacts>,
        writer: RowWriter,
        columns: Vec<String>,
    ) -> Self {
        Self {
            execution,
            store,
            facts,
            writer,
            columns,
            batch: Batch::default(),
            at: 0,
            announced: false,
            rows: 0,
            buffer: Vec::new(),
        }
    }

    /// Sends rows until the sink is full (None) or there are no more (the command tag).
    pub fn advance(&mut self, sink: &mut dyn ResultSink) -> Result<Option<String>> {
        if !self.announced {
            self.announced = true;
            let is_binary = self.writer.options().format == CopyFormat::Binary;
            sink.copy_out(CopyShape {
                columns: self.columns.len(),
                is_binary,
            });
            self.writer.begin(&self.columns, &mut self.buffer);
            self.send(sink);
        }
        loop {
            while self.at < self.batch.len {
                if sink.is_full() {
                    return Ok(None);
                }
                let values = self.batch.columns.iter().map(|column| column.get(self.at));
                self.writer
                    .row(values, self.facts.text(), &mut self.buffer)?;
                self.send(sink);
                self.at += 1;
                self.rows += 1;
            }
            self.at = 0;
            let environment = Environment {
                store: self.store.as_ref(),
                session: self.facts.as_ref(),
                text: self.facts.text(),
            };
            if !self.execution.next(&environment, &mut self.batch)? {
                self.writer.end(&mut self.buffer);
                self.send(sink);
                sink.copy_done();
                return Ok(Some(format!("COPY {}", self.rows)));
            }
        }
    }

    /// One message a row, as PostgreSQL does.
    fn send(&mut self, sink: &mut dyn ResultSink) {
        if !self.buffer.is_empty() {
            sink.copy_data(&self.buffer);
            self.buffer.clear();
        }
    }
}

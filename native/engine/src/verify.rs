//! Checking a data directory: every page, tree and index.

use std::sync::Arc;

use common::Result;

use crate::engine::Engine;
use crate::options::EngineOptions;

/// Opens the directory (recovering it where needed), checks every relation, closes it. Gives a report
/// in JSON: `pages`, and `problems`, one sentence each.
pub fn verify_directory(path: &str) -> Result<String> {
    let engine = Engine::open(EngineOptions {
        path: path.to_owned(),
        ..EngineOptions::default()
    })?;
    let report = verify(&engine);
    let closed = engine.close();
    let (pages, problems) = report?;
    closed?;
    Ok(serde_json::json!({ "pages": pages, "problems": problems }).to_string())
}

/// Pages looked at, and what is wrong. No session may change anything meanwhile; what a crash left to
/// be rolled back and purged is done first.
pub fn verify(engine: &Arc<Engine>) -> Result<(u64, Vec<String>)> {
    settle(engine)?;
    let catalog = engine.catalog();
    let (mut pages, mut problems) = (0, Vec::new());
    for info in catalog.tables().filter(|table| table.has_storage()) {
        let relation = engine.relations().relation(&catalog, info.oid, false)?;
        let mut files = vec![(info.name.clone(), info.file)];
        files.extend(
            relation
                .indexes
                .iter()
                .map(|i| (i.info.name.clone(), i.info.file)),
        );
        for (name, file) in files {
            let report = engine.storage().verify_file(file)?;
            pages += report.pages;
            problems.extend(
                report
                    .problems
                    .iter()
                    .map(|problem| format!("{name}: {problem}")),
            );
        }
        let named = |problem: String| format!("{}: {problem}", info.name);
        problems.extend(relation.table.verify()?.into_iter().map(named));
        for open in &relation.indexes {
            let named = |problem: String| format!("{}: {problem}", open.info.name);
            problems.extend(open.index.verify()?.into_iter().map(named));
        }
        problems.extend(crate::verify_index::compare(engine, &relation)?);
    }
    Ok((pages, problems))
}

/// Waits for what the background would change trees for.
fn settle(engine: &Engine) -> Result<()> {
    const PAUSE: std::time::Duration = std::time::Duration::from_millis(1);
    let txns = engine.txns();
    while txns.loser_count() > 0 {
        if !txns.roll_back_next_loser()? {
            // The background has the last one.
            common::rt::sleep(PAUSE);
        }
    }
    while txns.purge(u64::MAX)?.has_more {}
    Ok(())
}

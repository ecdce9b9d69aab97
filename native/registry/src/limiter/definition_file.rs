//! The file of rules and quotas: JSON, replaced whole.

use std::io;
use std::sync::Arc;

use common::rt::Mutex;
use common::vfs::{File, OpenMode, Vfs};
use common::{Error, Result, err, sqlstate};

use super::quota_file::FOLDER;
use super::rule_set::Definitions;

const NAME: &str = "limits/rules.json";
const NEW_NAME: &str = "limits/rules.json.new";

pub struct DefinitionFile(Mutex<Arc<dyn Vfs>>);

impl std::fmt::Debug for DefinitionFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DefinitionFile")
    }
}

fn failed(error: io::Error) -> Error {
    Error::io(format_args!("could not access file \"{NAME}\""), &error)
}

impl DefinitionFile {
    /// XX001 for a file that is no list of rules: limits must not go unnoticed.
    pub fn open(vfs: &Arc<dyn Vfs>) -> Result<(Self, Definitions)> {
        let definitions = match vfs.open(NAME, OpenMode::Existing, false) {
            Ok(file) => {
                let text = read(file.as_ref()).map_err(failed)?;
                serde_json::from_slice(&text)
                    .map_err(|error| err!(sqlstate::DATA_CORRUPTED, "file \"{NAME}\": {error}"))?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Definitions::default(),
            Err(error) => return Err(failed(error)),
        };
        Ok((Self(Mutex::new(vfs.clone())), definitions))
    }

    /// Waits for the disk.
    pub fn write(&self, definitions: &Definitions) -> Result<()> {
        let mut text = serde_json::to_vec_pretty(definitions)
            .map_err(|error| Error::internal(format!("rules are no JSON: {error}")))?;
        text.push(b'\n');
        write_new(&**self.0.lock(), &text).map_err(failed)
    }
}

fn read(file: &dyn File) -> io::Result<Vec<u8>> {
    let mut text = vec![0; file.size_bytes()? as usize];
    file.read_at(&mut text, 0)?;
    Ok(text)
}

fn write_new(vfs: &dyn Vfs, text: &[u8]) -> io::Result<()> {
    vfs.create_dir(FOLDER)?;
    let file = vfs.open(NEW_NAME, OpenMode::Create, false)?;
    file.set_size_bytes(0)?;
    file.write_at(text, 0)?;
    file.sync()?;
    vfs.rename(NEW_NAME, NAME)?;
    vfs.sync_dir(FOLDER)?;
    vfs.sync_dir("")
}

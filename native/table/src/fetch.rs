//! Reading single rows.

use common::{PageNo, Result, RowId};
use storage::Wait;
use storage::tree::Seek;
use txn::{RowWriter, View, Visibility};
use types::Vector;

use crate::cell_codec::{OwnedCell, decode};
use crate::column_sink::ColumnSink;
use crate::layout::Layout;
use crate::leaf::leaf_ref::LeafRef;
use crate::leaf::row_format::row_key;
use crate::leaf::word::Word;
use crate::table::Table;
use crate::version::RowCopy;
use crate::write::writer_of;

/// Whose version is wanted.
#[derive(Clone, Copy, Debug)]
pub enum Which<'v> {
    /// What the view sees.
    Seen(&'v View),
    /// The newest, whoever wrote it. The caller holds a snapshot, so that its overflow chains stay.
    Newest,
}

/// The newest version of a row, whoever wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Newest {
    /// There is no such row.
    Gone,
    /// It says that the row is deleted; that counts once the writer has ended.
    Deleted(RowWriter),
    /// Its values were appended.
    Live(RowWriter),
}

impl Table {
    /// Appends `columns` of the row's newest version to `out` and says who wrote that very version:
    /// for unique checks, which wait for an active writer. As for [`Which::Newest`] the caller
    /// holds a snapshot.
    pub fn fetch_newest(
        &self,
        row: RowId,
        hint: &mut Option<PageNo>,
        columns: &[u16],
        out: &mut [Vector],
        wait: Wait,
    ) -> Result<Newest> {
        let mut newest = Newest::Gone;
        let found = self.fetch_by(row, hint, columns, out, wait, |word| {
            let writer = writer_of(word);
            newest = match word.is_deleted() {
                true => Newest::Deleted(writer),
                false => Newest::Live(writer),
            };
            true
        })?;
        if let Found::Copy(copy) = found {
            self.push_row(&copy, columns, out, wait)?;
        }
        Ok(newest)
    }

    /// Appends `columns` of the row to `out` (as many vectors, of the columns' classes); false if
    /// there is no such row to see. `hint` is the page where the row may be, an index entry's guess
    /// for example, and becomes the page where it is.
    pub fn fetch(
        &self,
        which: Which<'_>,
        row: RowId,
        hint: &mut Option<PageNo>,
        columns: &[u16],
        out: &mut [Vector],
        wait: Wait,
    ) -> Result<bool> {
        let found = self.fetch_by(row, hint, columns, out, wait, |word| match which {
            Which::Seen(view) => view.judge(word.xid()) == Visibility::Seen,
            Which::Newest => true,
        })?;
        let mut copy = match found {
            Found::Nothing => return Ok(false),
            Found::Pushed => return Ok(true),
            Found::Copy(copy) => copy,
        };
        if let Which::Seen(view) = which
            && !copy.go_back_to(view, columns, self, wait)?
        {
            return Ok(false);
        }
        self.push_row(&copy, columns, out, wait)?;
        Ok(true)
    }

    /// Looks the row up. Where `is_wanted` says so of its newest version and that is in its leaf
    /// whole, its values are appended; else it is copied.
    fn fetch_by(
        &self,
        row: RowId,
        hint: &mut Option<PageNo>,
        columns: &[u16],
        out: &mut [Vector],
        wait: Wait,
        is_wanted: impl FnOnce(Word) -> bool,
    ) -> Result<Found> {
        let key = row_key(row);
        self.tree
            .read_leaf(*hint, Seek::Key(&key), wait, |no, page| {
                *hint = Some(no);
                let leaf = self.leaf(page)?;
                let Some(index) = leaf.find(row) else {
                    return Ok(Found::Nothing);
                };
                let word = leaf.word(index);
                if is_wanted(word) {
                    if word.is_deleted() {
                        return Ok(Found::Nothing);
                    }
                    if self.push_inline(&leaf, index, columns, out)? {
                        return Ok(Found::Pushed);
                    }
                }
                RowCopy::newest(&leaf, index, columns).map(Found::Copy)
            })
    }

    fn push_row(
        &self,
        copy: &RowCopy,
        columns: &[u16],
        out: &mut [Vector],
        wait: Wait,
    ) -> Result<()> {
        let layout = self.layout();
        for (place, vector) in out.iter_mut().enumerate() {
            let mut sink = ColumnSink::take(vector);
            let pushed = self.push_copied(&layout, copy, columns, place, &mut sink, wait);
            sink.put_back(vector);
            pushed?;
        }
        Ok(())
    }

    /// Appends a row's newest version straight from its leaf; false, and nothing appended, if a
    /// value is in an overflow chain.
    fn push_inline(
        &self,
        leaf: &LeafRef<'_>,
        index: usize,
        columns: &[u16],
        out: &mut [Vector],
    ) -> Result<bool> {
        let mut pushed = 0;
        let result = columns
            .iter()
            .zip(out.iter_mut())
            .try_for_each(|(column, vector)| {
                let Some(place) = leaf.column(usize::from(*column))? else {
                    vector.push(self.layout().missing(*column));
                    pushed += 1;
                    return Ok(());
                };
                match leaf.cell(&place, index)? {
                    None => vector.push_null(),
                    Some(cell) if cell.is_overflow => return Err(None),
                    Some(cell) => vector.push(decode(cell.bytes, vector.physical())?),
                }
                pushed += 1;
                Ok(())
            });
        match result {
            Ok(()) => Ok(true),
            Err(error) => {
                for vector in &mut out[..pushed] {
                    vector.truncate(vector.len() - 1);
                }
                error.map_or(Ok(false), Err)
            }
        }
    }

    /// Appends one value of a copied row to a sink.
    pub(crate) fn push_copied(
        &self,
        layout: &Layout,
        copy: &RowCopy,
        columns: &[u16],
        place: usize,
        sink: &mut ColumnSink,
        wait: Wait,
    ) -> Result<()> {
        match &copy.cells[place] {
            None => sink.push(layout.missing(columns[place])),
            Some(OwnedCell::Null) => sink.push(types::DatumRef::Null),
            Some(OwnedCell::Inline(bytes)) => sink.push(decode(bytes, sink.physical())?),
            Some(OwnedCell::Overflow(pointer)) => {
                let mut value = Vec::new();
                self.load_chain(pointer, &mut value, wait)?;
                sink.push(types::DatumRef::Bytes(&value))
            }
        }
    }

    /// The word of a row's newest version; None if the row is gone.
    pub(crate) fn newest_word(&self, row: RowId, wait: Wait) -> Result<Option<(Word, u64)>> {
        let key = row_key(row);
        self.tree.read_leaf(None, Seek::Key(&key), wait, |_, page| {
            let leaf = self.leaf(page)?;
            Ok(leaf
                .find(row)
                .map(|index| (leaf.word(index), leaf.undo(index))))
        })
    }

    /// A copy of columns of a row's newest version; None if the row is gone.
    pub(crate) fn copy_newest(
        &self,
        row: RowId,
        columns: &[u16],
        wait: Wait,
    ) -> Result<Option<RowCopy>> {
        let key = row_key(row);
        self.tree.read_leaf(None, Seek::Key(&key), wait, |_, page| {
            let leaf = self.leaf(page)?;
            let index = leaf.find(row);
            index
                .map(|index| RowCopy::newest(&leaf, index, columns))
                .transpose()
        })
    }
}

#[expect(
    clippy::large_enum_variant,
    reason = "lives for one read; a box would cost it an allocation"
)]
enum Found {
    Nothing,
    Pushed,
    Copy(RowCopy),
}

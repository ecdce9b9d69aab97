//! The fields of one row: places in the input, or in a buffer of their own where quotes and escapes
//! were taken out.

/// Where a field lies; `end` is [`NULL`] for NULL.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: usize,
    end: usize,
}

const NULL: usize = usize::MAX;

/// One row's fields; used again for the next row, so that a COPY allocates once.
#[derive(Debug, Default)]
pub struct Fields {
    /// What the spans count in, unless that is the input.
    pub(super) bytes: Vec<u8>,
    spans: Vec<Span>,
    is_in_input: bool,
}

impl Fields {
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// The bytes of a field of a row in `input`; None is NULL.
    pub(super) fn get<'f>(&'f self, input: &'f [u8], at: usize) -> Option<&'f [u8]> {
        let bytes = if self.is_in_input { input } else { &self.bytes };
        let Span { start, end } = self.spans[at];
        (end != NULL).then(|| &bytes[start..end])
    }

    /// Start and end of a field in the input; None is NULL.
    #[inline]
    pub(super) fn place(&self, at: usize) -> Option<(usize, usize)> {
        let Span { start, end } = self.spans[at];
        (end != NULL).then_some((start, end))
    }

    /// Whether the fields lie in the input.
    pub(super) fn are_in_input(&self) -> bool {
        self.is_in_input
    }

    /// Begins a row whose fields are appended to `bytes`.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.spans.clear();
        self.is_in_input = false;
    }

    /// Ends the field whose bytes were appended since `start`.
    pub(super) fn end(&mut self, start: usize, is_null: bool) {
        let end = if is_null { NULL } else { self.bytes.len() };
        self.spans.push(Span { start, end });
    }

    /// Begins a row whose fields lie in the input.
    pub(super) fn clear_for_input(&mut self) {
        self.spans.clear();
        self.is_in_input = true;
    }

    /// Adds a field that lies in the input.
    #[inline]
    pub(super) fn add_place(&mut self, start: usize, end: usize, is_null: bool) {
        let end = if is_null { NULL } else { end };
        self.spans.push(Span { start, end });
    }
}

//! Values as text and in PostgreSQL's binary wire format.

mod array_text;
mod binary;
mod bytea;
mod float_text;
mod record_text;
mod text;
mod text_column;
mod text_input;

pub use binary::{recv_binary, send_binary};
pub use bytea::{parse_bytea, write_bytea};
pub use float_text::{parse_f32, parse_f64, write_f32, write_f64};
pub use text::{format_text, output_text};
pub use text_column::push_text;
pub use text_input::{
    apply_text_typmod, apply_typmod, parse_bool, parse_integer, parse_text, parse_uuid,
};

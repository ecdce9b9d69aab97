//! Bind and Describe of the extended protocol.

use common::{Result, bail, sqlstate};
use engine::{Format, Mode};
use types::Datum;

use super::backend;
use super::connection::Connection;
use super::encoder;
use super::frontend::{self, Bind, Target};

impl Connection {
    pub(super) fn bind(&mut self, bind: &Bind<'_>, mode: Mode) -> Result<()> {
        let session = self
            .session
            .as_mut()
            .expect("a connection that is ready has a session");
        let types = session.parameter_types(bind.statement, mode)?;
        if types.len() != bind.parameters.len() {
            bail!(
                sqlstate::PROTOCOL_VIOLATION,
                "bind message supplies {} parameters, but prepared statement \"{}\" requires {}",
                bind.parameters.len(),
                bind.statement,
                types.len()
            );
        }
        let text = session.text_context();
        let mut values = Vec::with_capacity(types.len());
        for (at, (ty, value)) in types.iter().zip(&bind.parameters).enumerate() {
            values.push(match (value, bind.parameter_formats.get(at)) {
                (None, _) => Datum::Null,
                (Some(bytes), Format::Text) => {
                    types::parse_text(*ty, frontend::text_parameter(bytes)?, &text)?
                }
                (Some(bytes), Format::Binary) => types::recv_binary(*ty, bytes)?,
            });
        }
        session.bind(
            bind.portal,
            bind.statement,
            values,
            bind.result_formats.as_slice(),
            mode,
        )
    }

    pub(super) fn describe(&mut self, target: Target<'_>, mode: Mode) -> Result<()> {
        let session = self
            .session
            .as_mut()
            .expect("a connection that is ready has a session");
        let (columns, formats) = match target {
            Target::Statement(name) => {
                let types = session.parameter_types(name, mode)?;
                let columns = session.statement_columns(name, mode)?;
                backend::parameter_description(&mut self.output, types.iter().map(|t| t.oid.0));
                (columns, Vec::new())
            }
            Target::Portal(name) => (session.portal_columns(name)?, session.portal_formats(name)?),
        };
        match columns {
            Some(columns) => encoder::describe(&mut self.output, &columns, &formats),
            None => backend::no_data(&mut self.output),
        }
        Ok(())
    }
}

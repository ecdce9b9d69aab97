//! The options of one COPY.

use common::{Result, bail, err, sqlstate};
use parser::ast::{OptionValue, UtilityOption};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CopyFormat {
    #[default]
    Text,
    Csv,
    Binary,
    /// One JSON object a line, members by column name; PostgreSQL does not have it.
    Ndjson,
}

/// What becomes of a line that cannot be copied (COPY of PostgreSQL 17 and 18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OnError {
    #[default]
    Stop,
    /// It is left out. Here that holds for every fault of a line, not only for its types.
    Ignore,
}

/// Checked options; positions are among the copied columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyOptions {
    pub format: CopyFormat,
    pub delimiter: u8,
    pub null: Vec<u8>,
    pub header: bool,
    /// HEADER MATCH: the names in the header line must be those of the columns.
    pub header_matches: bool,
    pub quote: u8,
    pub escape: u8,
    /// By column; CSV only.
    pub force_quote: Vec<bool>,
    pub force_not_null: Vec<bool>,
    pub force_null: Vec<bool>,
    pub on_error: OnError,
    /// The most lines that are left out.
    pub reject_limit: Option<u64>,
    /// Each line that is left out is told.
    pub is_verbose: bool,
}

struct Builder<'a> {
    options: CopyOptions,
    columns: &'a [String],
    null: Option<String>,
    delimiter: Option<String>,
    quote: Option<String>,
    escape: Option<String>,
}

impl CopyOptions {
    /// What `FORMAT csv, HEADER` means for this many columns.
    pub fn csv_with_header(columns: usize) -> Self {
        Self {
            format: CopyFormat::Csv,
            delimiter: b',',
            null: Vec::new(),
            header: true,
            header_matches: false,
            quote: b'"',
            escape: b'"',
            force_quote: vec![false; columns],
            force_not_null: vec![false; columns],
            force_null: vec![false; columns],
            on_error: OnError::Stop,
            reject_limit: None,
            is_verbose: false,
        }
    }

    /// Reads the option list; `columns` are the names of the copied columns.
    ///
    /// Errors: 42601 for conflicting or unknown options, 22023 for values that cannot be, 0A000 for
    /// what PostgreSQL does not take either, 42703 for unknown columns.
    pub fn parse(options: &[UtilityOption], columns: &[String], is_from: bool) -> Result<Self> {
        let mut builder = Builder {
            options: Self {
                format: CopyFormat::Text,
                delimiter: b'\t',
                null: b"\\N".to_vec(),
                header: false,
                header_matches: false,
                quote: b'"',
                escape: b'"',
                force_quote: vec![false; columns.len()],
                force_not_null: vec![false; columns.len()],
                force_null: vec![false; columns.len()],
                on_error: OnError::Stop,
                reject_limit: None,
                is_verbose: false,
            },
            columns,
            null: None,
            delimiter: None,
            quote: None,
            escape: None,
        };
        for (at, option) in options.iter().enumerate() {
            if options[..at]
                .iter()
                .any(|before| before.name == option.name)
            {
                bail!(sqlstate::SYNTAX_ERROR, "conflicting or redundant options");
            }
            builder.read(option)?;
        }
        builder.finish(is_from)
    }
}

impl Builder<'_> {
    fn read(&mut self, option: &UtilityOption) -> Result<()> {
        let text = || {
            option
                .value
                .as_text()
                .map(|text| text.into_owned())
                .ok_or_else(|| {
                    err!(
                        sqlstate::SYNTAX_ERROR,
                        "{} requires a parameter",
                        option.name
                    )
                })
        };
        match option.name.as_str() {
            "format" => {
                self.options.format = match text()?.as_str() {
                    "text" => CopyFormat::Text,
                    "csv" => CopyFormat::Csv,
                    "binary" => CopyFormat::Binary,
                    "ndjson" => CopyFormat::Ndjson,
                    other => bail!(
                        sqlstate::INVALID_PARAMETER_VALUE,
                        "COPY format \"{other}\" not recognized"
                    ),
                }
            }
            "delimiter" => self.delimiter = Some(text()?),
            "null" => self.null = Some(text()?),
            "quote" => self.quote = Some(text()?),
            "escape" => self.escape = Some(text()?),
            "header" => match option.value.as_bool() {
                Some(on) => self.options.header = on,
                None if text()?.eq_ignore_ascii_case("match") => {
                    self.options.header = true;
                    self.options.header_matches = true;
                }
                None => bail!(
                    sqlstate::SYNTAX_ERROR,
                    "header requires a Boolean value or \"match\""
                ),
            },
            // A hint about rows that are frozen at once; it promises nothing.
            "freeze" if option.value.as_bool().is_some() => {}
            "encoding" => {
                let name: String = text()?
                    .chars()
                    .filter(char::is_ascii_alphanumeric)
                    .collect();
                if !matches!(name.to_ascii_uppercase().as_str(), "UTF8" | "UNICODE") {
                    return Err(common::Error::not_implemented("COPY with another encoding"));
                }
            }
            "force_quote" => self.options.force_quote = self.column_list(option)?,
            "force_not_null" => self.options.force_not_null = self.column_list(option)?,
            "force_null" => self.options.force_null = self.column_list(option)?,
            "on_error" | "reject_limit" | "log_verbosity" => {
                self.read_error_option(&option.name, &text()?)?;
            }
            other => bail!(sqlstate::SYNTAX_ERROR, "option \"{other}\" not recognized"),
        }
        Ok(())
    }

    /// The options that say what becomes of faulty lines.
    fn read_error_option(&mut self, name: &str, value: &str) -> Result<()> {
        match (name, value) {
            ("on_error", "stop") => self.options.on_error = OnError::Stop,
            ("on_error", "ignore") => self.options.on_error = OnError::Ignore,
            ("log_verbosity", "verbose") => self.options.is_verbose = true,
            ("log_verbosity", "default" | "silent") => self.options.is_verbose = false,
            ("reject_limit", _) => match value.parse() {
                Ok(limit) if limit > 0 => self.options.reject_limit = Some(limit),
                _ => bail!(
                    sqlstate::INVALID_PARAMETER_VALUE,
                    "REJECT_LIMIT ({value}) must be greater than zero"
                ),
            },
            _ => bail!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "COPY {} \"{value}\" not recognized",
                name.to_uppercase()
            ),
        }
        Ok(())
    }

    fn column_list(&self, option: &UtilityOption) -> Result<Vec<bool>> {
        let names = match &option.value {
            OptionValue::Star => return Ok(vec![true; self.columns.len()]),
            OptionValue::List(names) => names,
            _ => bail!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "argument to option \"{}\" must be a list of column names",
                option.name
            ),
        };
        let mut chosen = vec![false; self.columns.len()];
        for name in names {
            match self.columns.iter().position(|column| column == name) {
                Some(at) => chosen[at] = true,
                None => bail!(
                    sqlstate::INVALID_COLUMN_REFERENCE,
                    "{} column \"{name}\" not referenced by COPY",
                    option.name.to_uppercase()
                ),
            }
        }
        Ok(chosen)
    }

    fn check_errors(&self, is_from: bool) -> Result<()> {
        let ignores = self.options.on_error == OnError::Ignore;
        if ignores && !is_from {
            bail!(
                sqlstate::SYNTAX_ERROR,
                "COPY ON_ERROR cannot be used with COPY TO"
            );
        }
        if ignores && self.options.format == CopyFormat::Binary {
            bail!(
                sqlstate::SYNTAX_ERROR,
                "only ON_ERROR STOP is allowed in BINARY mode"
            );
        }
        if self.options.reject_limit.is_some() && !ignores {
            bail!(
                sqlstate::SYNTAX_ERROR,
                "COPY REJECT_LIMIT requires ON_ERROR to be set to IGNORE"
            );
        }
        Ok(())
    }

    /// What the formats without fields in a line cannot have.
    fn check_fields(&self) -> Result<()> {
        let mode = match self.options.format {
            CopyFormat::Binary => "BINARY",
            CopyFormat::Ndjson => "NDJSON",
            CopyFormat::Text | CopyFormat::Csv => return Ok(()),
        };
        for (given, name) in [
            (self.delimiter.is_some(), "DELIMITER"),
            (self.null.is_some(), "NULL"),
            (self.options.header, "HEADER"),
        ] {
            if given {
                bail!(
                    sqlstate::SYNTAX_ERROR,
                    "cannot specify {name} in {mode} mode"
                );
            }
        }
        Ok(())
    }

    fn finish(mut self, is_from: bool) -> Result<CopyOptions> {
        self.check_errors(is_from)?;
        self.check_fields()?;
        let is_csv = self.options.format == CopyFormat::Csv;
        for (given, name) in [
            (self.quote.is_some(), "quote"),
            (self.escape.is_some(), "escape"),
            (self.options.force_quote.contains(&true), "force quote"),
            (
                self.options.force_not_null.contains(&true),
                "force not null",
            ),
            (self.options.force_null.contains(&true), "force null"),
        ] {
            if given && !is_csv {
                bail!(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "COPY {name} available only in CSV mode"
                );
            }
        }
        if is_from && self.options.force_quote.contains(&true) {
            bail!(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "COPY force quote only available using COPY TO"
            );
        }
        if is_csv {
            self.options.delimiter = b',';
            self.options.null = Vec::new();
        }
        if let Some(text) = &self.delimiter {
            self.options.delimiter = single(text, "COPY delimiter")?;
        }
        if let Some(text) = &self.quote {
            self.options.quote = single(text, "COPY quote")?;
        }
        self.options.escape = match &self.escape {
            Some(text) => single(text, "COPY escape")?,
            None => self.options.quote,
        };
        if let Some(null) = self.null.take() {
            self.options.null = null.into_bytes();
        }
        check(&self.options)?;
        Ok(self.options)
    }
}

fn single(text: &str, what: &str) -> Result<u8> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        _ => bail!(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "{what} must be a single one-byte character"
        ),
    }
}

fn check(options: &CopyOptions) -> Result<()> {
    let invalid = |message: &str| Err(err!(sqlstate::INVALID_PARAMETER_VALUE, "{message}"));
    if matches!(options.delimiter, b'\r' | b'\n') {
        return invalid("COPY delimiter cannot be newline or carriage return");
    }
    if options
        .null
        .iter()
        .any(|byte| matches!(byte, b'\r' | b'\n'))
    {
        return invalid("COPY null representation cannot use newline or carriage return");
    }
    if options.format == CopyFormat::Text
        && b"\\.abcdefghijklmnopqrstuvwxyz0123456789".contains(&options.delimiter)
    {
        return Err(err!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "COPY delimiter cannot be \"{}\"",
            char::from(options.delimiter)
        ));
    }
    if options.format == CopyFormat::Csv && options.delimiter == options.quote {
        return invalid("COPY delimiter and quote must be different");
    }
    if matches!(options.format, CopyFormat::Text | CopyFormat::Csv)
        && options.null.contains(&options.delimiter)
    {
        return invalid("COPY delimiter must not appear in the NULL specification");
    }
    if options.format == CopyFormat::Csv && options.null.contains(&options.quote) {
        return invalid("CSV quote character must not appear in the NULL specification");
    }
    Ok(())
}

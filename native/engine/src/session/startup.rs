//! The start of a session: what its start-up packet asks for, what its client is told first.

use common::{Error, Result, bail, sqlstate};

use super::session::Session;

impl Session {
    /// Sets what the start-up packet asks for. A wrong value ends the connection.
    pub(crate) fn apply_startup(&mut self, parameters: &[(String, String)]) -> Result<()> {
        for (name, value) in parameters {
            match name.as_str() {
                "options" => self.apply_options(value)?,
                // Asks for a walsender, which is not here.
                "replication" if !matches!(value.as_str(), "false" | "off" | "no" | "0") => {
                    return Err(Error::not_implemented("the replication protocol"));
                }
                "replication" => {}
                _ => self.settings().set_at_startup(name, value)?,
            }
        }
        let application = self.settings().show("application_name").unwrap_or_default();
        self.handle
            .change(|activity| activity.application = application);
        Ok(())
    }

    /// `-c name=value` and `--name=value`; a backslash keeps a blank.
    fn apply_options(&mut self, text: &str) -> Result<()> {
        let mut words = vec![String::new()];
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => words.last_mut().expect("there is one").extend(chars.next()),
                c if c.is_whitespace() => words.push(String::new()),
                c => words.last_mut().expect("there is one").push(c),
            }
        }
        let mut words = words.into_iter().filter(|word| !word.is_empty());
        while let Some(word) = words.next() {
            let setting = match word.strip_prefix("--") {
                Some(setting) => setting.to_owned(),
                None if word == "-c" => words.next().unwrap_or_default(),
                None => match word.strip_prefix("-c") {
                    Some(setting) => setting.to_owned(),
                    None => bail!(
                        sqlstate::SYNTAX_ERROR,
                        "invalid command-line argument for server process: {word}"
                    ),
                },
            };
            let Some((name, value)) = setting.split_once('=') else {
                bail!(sqlstate::SYNTAX_ERROR, "-c {setting} requires a value");
            };
            self.settings()
                .set_at_startup(&name.replace('-', "_"), value)?;
        }
        Ok(())
    }

    /// Settings that a client is told when it connects.
    pub fn reported_settings(&self) -> Vec<(&'static str, String)> {
        let reported = crate::settings::all().iter().filter(|d| d.reported);
        let mut list: Vec<_> = reported
            .map(|d| (d.name, self.settings().show(d.name).unwrap_or_default()))
            .collect();
        list.push((
            "session_authorization",
            self.handle.activity().user.to_string(),
        ));
        list.push(("is_superuser", "on".to_owned()));
        list.push(("in_hot_standby", "off".to_owned()));
        list
    }
}

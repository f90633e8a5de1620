//! What of the screen is kept: the views that the configuration saves, and how the screen was left, for the next start.
//! Marks are not kept, nor that personal data were shown.

use serde::{Deserialize, Serialize};

use crate::domain::filter::{Filter, Known};

use super::keys::{Command, Scope, TABLE};
use super::layout::{Layout, Sort};
use super::palette::RECENT;
use super::state::State;

/// A filter with a name, and how the table is arranged for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    pub name: String,
    pub filter: String,
    pub sort: Option<Sort>,
    pub columns: Option<Layout>,
}

impl View {
    /// From the names of columns; `-age` sorts the other way round. The filter was read where it came from.
    ///
    /// # Errors
    /// Which name is wrong, and which there are.
    pub fn new(
        name: &str,
        filter: &str,
        sort: Option<&str>,
        columns: Option<&[String]>,
    ) -> Result<Self, String> {
        Ok(Self {
            name: name.into(),
            filter: filter.into(),
            sort: sort.map(Sort::named).transpose()?,
            columns: columns.map(Layout::named).transpose()?,
        })
    }
}

/// The form in which a memory is written.
const VERSION: u32 = 1;

/// How the screen was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    version: u32,
    /// `None`: all of them.
    tenant: Option<String>,
    filter: String,
    broken_only: bool,
    sort: String,
    columns: Vec<String>,
    utc: bool,
    /// What the palette was used for, the newest first, by the commands' names. An older version kept none.
    #[serde(default)]
    recent: Vec<String>,
}

impl Memory {
    /// # Errors
    /// Why the text is none, in a few words.
    pub fn read(text: &str) -> Result<Self, String> {
        let memory: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if memory.version != VERSION {
            return Err(format!("it is of version {}, not {VERSION}", memory.version));
        }
        let known = Known {
            jobs: true,
            ..Known::default()
        };
        let filter = Filter::parse(&memory.filter, &known);
        filter.map_err(|error| format!("in its filter, {}", error.why))?;
        Sort::named(&memory.sort)?;
        Layout::named(&memory.columns)?;
        Ok(memory)
    }

    pub fn write(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// The command of the table that has this name; one that another version had is none.
fn named(name: &str) -> Option<Command> {
    let mut all = TABLE.iter().filter(|binding| binding.scope == Scope::Table);
    all.find(|binding| binding.command.name() == name)
        .map(|binding| binding.command)
}

impl State {
    /// How the screen is right now.
    pub fn memory(&self) -> Memory {
        Memory {
            version: VERSION,
            tenant: self.setup.tenants.get(self.choice).cloned(),
            filter: self.filter.text.clone(),
            broken_only: self.broken_only,
            sort: self.sort.name(),
            columns: self.layout.names(),
            utc: self.utc,
            recent: self
                .recent
                .iter()
                .map(|command| command.name().to_string())
                .collect(),
        }
    }

    /// Makes the screen as it was left, as far as the configuration still has what that names.
    pub fn recall(&mut self, memory: &Memory) {
        let tenants = &self.setup.tenants;
        self.choice = match &memory.tenant {
            Some(tenant) => tenants.iter().position(|name| name == tenant).unwrap_or(0),
            None if tenants.len() > 1 => tenants.len(),
            None => 0,
        };
        self.filter = Filter::parse(&memory.filter, &self.known()).unwrap_or_default();
        self.broken_only = memory.broken_only;
        self.sort = Sort::named(&memory.sort).unwrap_or_default();
        self.layout = Layout::named(&memory.columns).unwrap_or_default();
        self.utc = memory.utc;
        self.recent = memory.recent.iter().filter_map(|name| named(name)).collect();
        self.recent.truncate(RECENT);
        self.stale_order = true;
    }

    /// What a filter can name here.
    pub fn known(&self) -> Known {
        let views = self.setup.views.iter();
        Known {
            tenants: self.setup.tenants.clone(),
            views: views
                .map(|view| (view.name.clone(), view.filter.clone()))
                .collect(),
            jobs: true,
        }
    }
}

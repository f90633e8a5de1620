//! Where the dashboard keeps how its screen was left: one small file in the state folder, for us alone to read. The sandbox
//! has a state folder of its own, which goes with it: what was looked at there never changes the real screen.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::services::notebook::replace;
use crate::tui::Memory;

const FILE: &str = "screen.json";

/// How the screen was left; `Err` is one line about a file that is no such thing.
pub fn recall(folder: &Path) -> Result<Option<Memory>, String> {
    let path = folder.join(FILE);
    let told = |why: String| format!("{} is left aside: {why}.", path.display());
    match fs::read_to_string(&path) {
        Ok(text) => Memory::read(&text).map(Some).map_err(told),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(told(error.to_string())),
    }
}

pub fn keep(folder: &Path, memory: &Memory) -> io::Result<()> {
    replace(&folder.join(FILE), memory.write().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const LEFT: &str = r#"{
  "version": 1,
  "tenant": "sotce",
  "filter": "pds:missing",
  "broken_only": false,
  "sort": "-user",
  "columns": ["age", "user", "auth0", "mongo", "code", "did", "pds"],
  "utc": false
}"#;

    #[test]
    fn what_is_kept_is_recalled_and_for_us_alone() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(recall(folder.path()), Ok(None));
        let memory = Memory::read(LEFT).unwrap();
        keep(folder.path(), &memory).unwrap();
        keep(folder.path(), &memory).unwrap();
        assert_eq!(recall(folder.path()), Ok(Some(memory)));
        let files: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(files.len(), 1);
        let mode = files[0]
            .as_ref()
            .unwrap()
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_broken_file_is_told_in_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let newer = LEFT.replace("1,", "2,");
        let unread = LEFT.replace("pds:missing", "pds:mising");
        let odd = LEFT.replace("-user", "colour");
        for (text, why) in [
            ("", "EOF while parsing"),
            ("{\"version\": 1}", "missing field"),
            (&newer, "it is of version 2, not 1"),
            (&unread, "in its filter, a state is one of"),
            (&odd, "no column is called \"colour\""),
            ("\u{1b}[31m", "expected value"),
        ] {
            fs::write(folder.path().join(FILE), text).unwrap();
            let line = recall(folder.path()).unwrap_err();
            assert!(
                line.contains("screen.json is left aside: ") && line.contains(why),
                "{line}"
            );
            assert!(!line.contains('\n'), "{line}");
        }
    }
}

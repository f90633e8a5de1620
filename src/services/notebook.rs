//! What a process writes down on this machine for the next one: one file of JSON, replaced whole, readable for us alone,
//! and open to one process at a time.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The file while it is open. The system lets go of the lock however the process ends.
pub struct Notebook {
    path: PathBuf,
    _lock: File,
}

/// What stands in it.
pub enum Entry<T> {
    /// Nobody wrote yet.
    Empty,
    Written(T),
    /// It cannot be read as what it should be, and lies aside under this name.
    Broken(PathBuf),
}

impl Notebook {
    /// Opens `name.json` in a folder, which is made where it is missing; `None` where another process has it open.
    ///
    /// # Errors
    /// Where the folder cannot be written.
    pub fn open(folder: &Path, name: &str) -> io::Result<Option<Self>> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(folder.join(format!("{name}.lock")))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self {
                path: folder.join(format!("{name}.json")),
                _lock: lock,
            })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Reads what stands in it. `knows` tells whether it is of a kind that we understand.
    ///
    /// # Errors
    /// Where the file cannot be read, or a broken one cannot be laid aside.
    pub fn read<T: DeserializeOwned>(&self, knows: impl Fn(&T) -> bool) -> io::Result<Entry<T>> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Entry::Empty),
            Err(error) => return Err(error),
        };
        match serde_json::from_slice(&text) {
            Ok(value) if knows(&value) => Ok(Entry::Written(value)),
            _ => {
                let aside = self.path.with_extension("json.broken");
                fs::rename(&self.path, &aside)?;
                Ok(Entry::Broken(aside))
            }
        }
    }

    /// Replaces what stands in it. Whoever dies on the way leaves the older page whole.
    ///
    /// # Errors
    /// Where the folder cannot be written.
    pub fn write(&self, value: &impl Serialize) -> io::Result<()> {
        // Nobody else has it open.
        let beside = self.path.with_extension("json.new");
        put(&self.path, &beside, &serde_json::to_vec(value)?)
    }
}

/// Puts a file of ours in place as a whole, for us alone to read, in a folder that is made where it is missing. It is
/// written beside first: whoever reads finds the older one or this, and never half of it.
///
/// # Errors
/// Where the folder cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!("{name}.{}", std::process::id()));
    put(path, &beside, bytes)
}

fn put(path: &Path, beside: &Path, bytes: &[u8]) -> io::Result<()> {
    // Left by one that died on the way.
    fs::remove_file(beside).ok();
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(beside)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(beside, path));
    written.inspect_err(|_| drop(fs::remove_file(beside)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_at_a_time_writes_whole_pages_and_a_broken_one_is_laid_aside() {
        let folder = std::env::temp_dir().join(format!("atriage-notebook-{:08x}", rand::random::<u32>()));
        let open = || Notebook::open(&folder, "watch").unwrap();
        let read = |notebook: &Notebook| notebook.read(|number: &u32| *number < 10).unwrap();
        let notebook = open().expect("nobody has it");
        assert!(open().is_none(), "it is open");
        assert!(matches!(read(&notebook), Entry::Empty));
        notebook.write(&7).unwrap();
        drop(notebook);
        let notebook = open().expect("it was closed");
        assert!(matches!(read(&notebook), Entry::Written(7)));
        for broken in ["{", "11", "\"x\""] {
            fs::write(folder.join("watch.json"), broken).unwrap();
            let Entry::Broken(aside) = read(&notebook) else {
                panic!("{broken} was believed")
            };
            assert_eq!(fs::read_to_string(aside).unwrap(), broken);
            assert!(matches!(read(&notebook), Entry::Empty));
        }
        use std::os::unix::fs::PermissionsExt;
        notebook.write(&8).unwrap();
        let mode = fs::metadata(folder.join("watch.json"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        drop(notebook);
        fs::remove_dir_all(folder).unwrap();
    }
}

//! Who this process is: the operator, the host, and an id under which it holds leases; and whether another owner of this
//! host still lives. A living process keeps a locked file in the state folder, and the system lets go of the lock however
//! the process ends, so that what a killed one held can be taken over at once instead of when its lease runs out.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::run::{Move, Pause, RunState};

/// How old the file of a dead owner has to be before it is removed.
const OLD: Duration = Duration::from_secs(3600);

/// The identity of this process.
pub struct Owner {
    pub operator: String,
    pub host: String,
    /// `host/pid/random`: never the same twice.
    pub id: String,
    folder: PathBuf,
    /// Held for the life of the process.
    _lock: File,
}

impl Owner {
    /// Makes the identity, and its file in `state_dir`, which is made where it is missing, readable for us alone.
    pub fn here(operator: &str, state_dir: &Path) -> io::Result<Self> {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        let folder = state_dir.join("owners");
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)?;
        clear_away(&folder);
        let host = host();
        let id = format!("{host}/{}/{:08x}", std::process::id(), rand::random::<u32>());
        let path = folder.join(file_name(&id));
        let lock = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        lock.lock()?;
        Ok(Self {
            operator: operator.into(),
            host,
            id,
            folder,
            _lock: lock,
        })
    }

    /// A change of the state of a run by this operator.
    pub fn move_to(&self, to: RunState, pause: Option<Pause>, at: Timestamp) -> Move {
        let by = Some(format!("{}@{}", self.operator, self.host));
        Move { at, to, pause, by }
    }

    /// Whether another owner surely lives no more: it was on this host, with this state folder, and let go of its lock.
    /// Of anybody else nothing is known, and their lease has to run out.
    pub fn is_dead(&self, other: &str) -> bool {
        if other == self.id || other.split('/').next() != Some(self.host.as_str()) {
            return false;
        }
        // No file: it had another folder, or ended long ago.
        let path = self.folder.join(file_name(other));
        let Ok(file) = File::open(&path) else { return false };
        file.try_lock().is_ok()
    }
}

/// Removes the files of owners that live no more, once nothing can be held in their name: leases run out in less than a
/// minute.
fn clear_away(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let age = entry
            .metadata()
            .and_then(|file| file.modified())
            .map(|made| made.elapsed());
        let old = age.is_ok_and(|age| age.is_ok_and(|age| age > OLD));
        let over = || File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
        if old && over() {
            // Somebody else may clear away too.
            fs::remove_file(entry.path()).ok();
        }
    }
}

/// How an owner is called in a sentence: `host (pid)`.
pub fn spoken(owner: &str) -> String {
    let mut parts = owner.split('/');
    match (parts.next(), parts.next()) {
        (Some(host), Some(pid)) => format!("process {pid} on {host}"),
        _ => owner.to_string(),
    }
}

fn file_name(id: &str) -> String {
    format!("{}.lock", id.replace(['/', '\\'], "-"))
}

fn host() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    // A slash would be taken for the end of the name.
    name.replace('/', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_let_go_of_the_lock_is_dead() {
        let place = std::env::temp_dir().join(format!("atriage-owner-{:08x}", rand::random::<u32>()));
        let (us, other) = (
            Owner::here("mira", &place).unwrap(),
            Owner::here("koji", &place).unwrap(),
        );
        assert!(!us.is_dead(&other.id) && !us.is_dead(&us.id));
        let killed = format!("{}/1/00000000", us.host);
        fs::write(place.join("owners").join(file_name(&killed)), "").unwrap();
        assert!(us.is_dead(&killed), "nobody holds its lock");
        assert!(!us.is_dead("elsewhere/1/00000000"));
        assert!(
            !us.is_dead(&format!("{}/2/00000000", us.host)),
            "nothing is known of it"
        );
        let folder = place.join("owners");
        clear_away(&folder);
        assert!(us.is_dead(&killed), "its leases may not have run out");
        let long_ago = std::time::SystemTime::now() - 2 * OLD;
        for id in [&killed, &other.id] {
            let file = fs::OpenOptions::new()
                .write(true)
                .open(folder.join(file_name(id)))
                .unwrap();
            file.set_modified(long_ago).unwrap();
        }
        clear_away(&folder);
        assert!(!us.is_dead(&killed) && !us.is_dead(&other.id));
        assert!(
            folder.join(file_name(&other.id)).exists(),
            "who lives keeps its file"
        );
        assert!(!folder.join(file_name(&killed)).exists());
        let gone = other.id.clone();
        drop(other);
        assert!(
            us.is_dead(&gone),
            "whoever ended lives no more, and may have left at once"
        );
        drop(us);
        fs::remove_dir_all(place).unwrap();
    }
}

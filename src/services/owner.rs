//! Who this process is: the operator, the host, and an id under which it holds leases; and whether another owner of this
//! host still lives. A living process keeps a locked file in the state folder, and the system lets go of the lock however
//! the process ends, so that what a killed one held can be taken over at once instead of when its lease runs out.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

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

    /// Whether another owner surely lives no more: it was on this host, with this state folder, and let go of its lock.
    /// Of anybody else nothing is known, and their lease has to run out.
    pub fn is_dead(&self, other: &str) -> bool {
        if other == self.id || other.split('/').next() != Some(self.host.as_str()) {
            return false;
        }
        // No file: it had another folder, or ended well and gave back what it held.
        let path = self.folder.join(file_name(other));
        let Ok(file) = File::open(&path) else { return false };
        file.try_lock().is_ok()
    }

    /// Removes the files of owners that live no more and hold nothing: `held` are the owners of leases.
    pub fn clear_away(&self, held: &[String]) {
        let held: Vec<String> = held.iter().map(|id| file_name(id)).collect();
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let ours = name == file_name(&self.id) || held.contains(&name);
            let over = || File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
            if !ours && over() {
                // Somebody else may clear away too.
                fs::remove_file(entry.path()).ok();
            }
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        fs::remove_file(self.folder.join(file_name(&self.id))).ok();
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
        us.clear_away(std::slice::from_ref(&killed));
        assert!(us.is_dead(&killed), "what still holds something stays");
        us.clear_away(&[]);
        assert!(!us.is_dead(&killed) && !us.is_dead(&other.id));
        let gone = other.id.clone();
        drop(other);
        assert!(!us.is_dead(&gone), "it ended well and left no file");
        drop(us);
        fs::remove_dir_all(place).unwrap();
    }
}

//! What the file system says of a file of ours: whether it is there, and who may read or write it.

use std::io::{self, ErrorKind};
use std::path::Path;

/// The permissions of a file or folder, such as `0o600`; `None` where there is none, or where the system has no such
/// thing as a mode.
///
/// # Errors
/// It is there, and cannot be looked at.
pub fn mode(path: &Path) -> io::Result<Option<u32>> {
    match std::fs::metadata(path) {
        Ok(about) => Ok(bits(&about)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a folder of ours can be made at `path`, or written into where it is there: tried with an empty folder that is
/// removed at once, in the nearest folder that there is. Permissions alone do not tell.
///
/// # Errors
/// Why not.
pub fn try_folder(path: &Path) -> io::Result<()> {
    let not_there = |at: &&Path| matches!(at.metadata(), Err(error) if error.kind() == ErrorKind::NotFound);
    let nearest = path.ancestors().find(|at| !not_there(at)).unwrap_or(path);
    // What is relative begins here.
    let nearest = if nearest.as_os_str().is_empty() {
        Path::new(".")
    } else {
        nearest
    };
    let trial = nearest.join(format!(".atriage-trial-{:08x}", rand::random::<u32>()));
    std::fs::create_dir(&trial)?;
    std::fs::remove_dir(&trial)
}

#[cfg(unix)]
fn bits(about: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(about.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn bits(_: &std::fs::Metadata) -> Option<u32> {
    None
}

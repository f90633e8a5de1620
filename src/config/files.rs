//! What the file system says of a file of ours: whether it is there, and who may read or write it.

use std::path::Path;

/// The permissions of a file or folder, such as `0o600`; `None` where there is none, or where the system has no such
/// thing as a mode.
///
/// # Errors
/// It is there, and cannot be looked at.
pub fn mode(path: &Path) -> std::io::Result<Option<u32>> {
    match std::fs::metadata(path) {
        Ok(about) => Ok(bits(&about)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
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

//! What only the sandbox's dashboard does: remembers who was welcomed, and tells what is broken on purpose.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use crate::sandbox::Practices;
use crate::tui::Visit;
use crate::tui::message::Message;

/// The file that says that somebody was welcomed here.
const WELCOMED: &str = "welcomed";
/// Said to who comes again.
pub const AGAIN: &str = "This is the sandbox, with invented people. {palette} welcome says what to try.";

/// Whether the sandbox opens for the first time from this state folder, and from now on no more. Where that cannot be
/// written down, everybody is welcomed anew.
pub fn visit(home: &Path) -> Visit {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    // A folder that cannot be made is missed by the next line too.
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(home)
        .ok();
    let mut file = fs::OpenOptions::new();
    let written = file
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(home.join(WELCOMED));
    match written {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Visit::Again,
        Ok(_) | Err(_) => Visit::First,
    }
}

/// Tells what is broken on purpose whenever that changes, until nobody hears it.
pub async fn follow(practices: Practices, messages: UnboundedSender<Message>, every: Duration) {
    let mut told = Vec::new();
    loop {
        let on = practices.on().await;
        if on != told {
            told.clone_from(&on);
            if messages.send(Message::Broken(on)).is_err() {
                return;
            }
        }
        tokio::time::sleep(every).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_welcomed_once() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("of").join("mine");
        assert_eq!(visit(&home), Visit::First);
        assert_eq!(visit(&home), Visit::Again);
        // Where nothing can be written, better once too often than never.
        let file = home.join(WELCOMED);
        assert_eq!(visit(&file), Visit::First);
        assert_eq!(visit(&file), Visit::First);
    }
}

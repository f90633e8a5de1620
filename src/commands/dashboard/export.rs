//! Writes what the screen shows into a file, as `audit` would tell it: the same rows, the same fields. Never over a file
//! that is there, and for its owner's eyes alone.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::audit::report::{Row, Summary};
use crate::commands::args;
use crate::commands::audit::rows::{HEADER, cells};
use crate::commands::audit::telling::{Telling, telling};
use crate::commands::output::{Output, Sheet};
use crate::domain::tally::Totals;
use crate::domain::{Class, Problem};
use crate::services::health::ServiceHealth;
use crate::tui::export::{Export, Format, Shown, Tenant};

/// How many names are tried beside the first.
const NAMES: usize = 99;

/// Where it lies now.
///
/// # Errors
/// The folder cannot be written, or has no room.
pub fn export(export: &Export) -> Result<PathBuf, Problem> {
    let written = put(&export.path, &text(export));
    written.map_err(|error| {
        let folder = export.path.parent().unwrap_or(Path::new(".")).display();
        let hint = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "Make room there.",
            ErrorKind::AlreadyExists => "Move the exports away that lie there.",
            _ => "Start atriage in a folder that you may write to.",
        };
        Problem::new(
            Class::Internal,
            format!("The folder {folder} cannot be written: {error}."),
            hint,
        )
    })
}

/// Writes a file of this name, or of one with a number behind it: beside it first, so that under the name there is never
/// half of it, however the program ends.
fn put(path: &Path, text: &str) -> io::Result<PathBuf> {
    use std::os::unix::fs::OpenOptionsExt;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{stem}.{:08x}.part", rand::random::<u32>()));
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(&beside)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    let put = written.and_then(|()| name(&beside, path));
    // A second name is all that it has where the first stands; where none does, half an export is worse than none.
    match (fs::remove_file(&beside), put) {
        (Err(error), Ok(_)) if error.kind() != ErrorKind::NotFound => Err(error),
        (_, put) => put,
    }
}

/// Gives a file its name, which nothing may have yet.
fn name(beside: &Path, path: &Path) -> io::Result<PathBuf> {
    let (stem, ending) = (
        path.file_stem().unwrap_or_default(),
        path.extension().unwrap_or_default(),
    );
    let mut name = path.to_path_buf();
    for n in 2..=NAMES + 1 {
        match link(beside, &name) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && n <= NAMES => {
                let (stem, ending) = (stem.to_string_lossy(), ending.to_string_lossy());
                name = path.with_file_name(format!("{stem}-{n}.{ending}"));
            }
            linked => return linked.map(|()| name),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Where the disk knows no second names, the name is taken first, and what stands under it is ours to replace.
fn link(beside: &Path, name: &Path) -> io::Result<()> {
    match fs::hard_link(beside, name) {
        Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied) => {
            take(beside, name)
        }
        linked => linked,
    }
}

fn take(beside: &Path, name: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(name)?;
    fs::rename(beside, name).inspect_err(|_| drop(fs::remove_file(name)))
}

fn text(export: &Export) -> String {
    match export.format {
        Format::Csv => sheet(export).csv(),
        Format::Markdown => sheet(export).markdown(),
        Format::Json => told(export, args::Format::Json),
        Format::Ndjson => told(export, args::Format::Ndjson),
    }
}

/// The chosen columns of what `audit -o csv` prints, and what a job does.
fn sheet(export: &Export) -> Sheet {
    let mut sheet = Sheet::new(&export.fields);
    for shown in &export.rows {
        let cells = cells(&row(shown), export.unmask);
        let cell = |field: &&'static str| match HEADER.iter().position(|known| known == field) {
            Some(at) => cells[at].clone(),
            None => shown.job.clone().unwrap_or_default(),
        };
        sheet.row(export.fields.iter().map(cell));
    }
    sheet
}

/// As `audit` tells it. One object has a list a tenant; lines keep the order of the screen.
fn told(export: &Export, format: args::Format) -> String {
    let output = Output::keeping(format, export.unmask);
    let mut telling = telling(&output, export.tenants.len() > 1);
    let is_of = |tenant: &Tenant, shown: &Shown| shown.signup.tenant == tenant.name;
    if format == args::Format::Ndjson {
        tell(telling.as_mut(), export.rows.iter());
    }
    for tenant in &export.tenants {
        telling.begin(&tenant.name);
        let its = || export.rows.iter().filter(|shown| is_of(tenant, shown));
        if format == args::Format::Json {
            // The list of the signups stands open first.
            let (gone, there): (Vec<&Shown>, Vec<&Shown>) = its().partition(|shown| is_orphan(shown));
            tell(telling.as_mut(), there.into_iter().chain(gone));
        }
        telling.end(&summary(tenant, its(), &export.health));
    }
    telling.finish(None);
    drop(telling);
    output.into_text()
}

fn tell<'a>(telling: &mut dyn Telling, rows: impl Iterator<Item = &'a Shown>) {
    for shown in rows {
        let one = [row(shown)];
        if is_orphan(shown) {
            telling.orphans(&one);
        } else {
            telling.signups(&one);
        }
    }
}

/// A record whose Auth0 user is gone.
fn is_orphan(shown: &Shown) -> bool {
    shown.signup.auth0.is_absent()
}

fn row(shown: &Shown) -> Row {
    (shown.signup.clone(), shown.diagnosis.clone())
}

/// What is counted over the rows that are exported; what was read, the screen read.
fn summary<'a>(tenant: &Tenant, rows: impl Iterator<Item = &'a Shown>, health: &[ServiceHealth]) -> Summary {
    let mut totals = Totals::default();
    rows.for_each(|shown| totals.count(shown.diagnosis.verdict()));
    let ours = |health: &&ServiceHealth| health.tenant.is_empty() || health.tenant == tenant.name;
    Summary {
        tenant: tenant.name.clone(),
        checked_at: tenant.checked_at,
        took: Duration::ZERO,
        totals,
        looked_at: tenant.loaded,
        systemic: tenant.systemic.clone(),
        // Both rows are loaded, and each names the other.
        shared_emails: Vec::new(),
        sources: health.iter().filter(ours).cloned().collect(),
        broke_off: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    use jiff::Timestamp;
    use serde_json::Value;

    use crate::domain::{Observed, Signup, diagnose};

    fn empty(path: PathBuf, format: Format) -> Export {
        Export {
            format,
            path,
            unmask: false,
            health: Vec::new(),
            tenants: Vec::new(),
            rows: Vec::new(),
            fields: vec!["tenant", "sub", "job"],
        }
    }

    #[test]
    fn nothing_is_written_over_and_nobody_else_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = folder.path().join("atriage-aesthetic-2026-11-22T143220Z.csv");
        let asked = empty(first.clone(), Format::Csv);
        assert_eq!(export(&asked), Ok(first.clone()));
        fs::write(&first, "mine").unwrap();
        let second = folder.path().join("atriage-aesthetic-2026-11-22T143220Z-2.csv");
        assert_eq!(export(&asked), Ok(second.clone()));
        assert_eq!(fs::read_to_string(&first).unwrap(), "mine");
        assert_eq!(fs::read_to_string(&second).unwrap(), "tenant,sub,job\r\n");
        assert_eq!(fs::metadata(&second).unwrap().permissions().mode() & 0o777, 0o600);
        // A link that leads elsewhere is a file that is there.
        let elsewhere = folder.path().join("elsewhere");
        std::os::unix::fs::symlink(&elsewhere, folder.path().join("x.csv")).unwrap();
        let asked = empty(folder.path().join("x.csv"), Format::Csv);
        assert_eq!(export(&asked), Ok(folder.path().join("x-2.csv")));
        assert!(!elsewhere.exists());
    }

    #[test]
    fn a_disk_without_second_names_takes_the_name_first() {
        let folder = tempfile::tempdir().unwrap();
        let (beside, name) = (folder.path().join("beside"), folder.path().join("x.csv"));
        fs::write(&beside, "whole").unwrap();
        fs::write(&name, "mine").unwrap();
        assert_eq!(take(&beside, &name).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&name).unwrap(), "mine");
        fs::remove_file(&name).unwrap();
        take(&beside, &name).unwrap();
        assert_eq!(fs::read_to_string(&name).unwrap(), "whole");
        assert!(!beside.exists());
    }

    /// Three rows of two tenants, one of them a record whose user is gone, in an order that mixes them.
    fn of_both(format: Format) -> Export {
        let row = |tenant: &str, sub: &str, gone: bool| {
            let mut signup = Signup::named(tenant, sub, sub);
            if gone {
                signup.auth0 = Observed::Absent;
            }
            let diagnosis = diagnose(&signup);
            let job = (tenant == "sotce").then(|| "=failed".to_string());
            Shown {
                signup,
                diagnosis,
                job,
            }
        };
        let tenant = |name: &str| Tenant {
            name: name.into(),
            checked_at: Timestamp::UNIX_EPOCH,
            loaded: 7,
            systemic: None,
        };
        Export {
            tenants: vec![tenant("aesthetic"), tenant("sotce")],
            rows: vec![
                row("sotce", "auth0|c", false),
                row("aesthetic", "auth0|b", true),
                row("sotce", "auth0|a", false),
            ],
            ..empty("x".into(), format)
        }
    }

    #[test]
    fn sheets_and_lines_keep_the_order_and_one_object_has_a_list_a_tenant() {
        assert_eq!(
            text(&of_both(Format::Csv)),
            "tenant,sub,job\r\nsotce,auth0|c,'=failed\r\naesthetic,auth0|b,\r\nsotce,auth0|a,'=failed\r\n"
        );
        let lines: Vec<Value> = text(&of_both(Format::Ndjson))
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let told = |line: &Value| {
            let sub = [&line["sub"], &line["orphan"]["sub"], &line["tenant"]];
            sub.into_iter().find_map(Value::as_str).map(String::from)
        };
        let told: Vec<String> = lines.iter().filter_map(told).collect();
        assert_eq!(told, ["auth0|c", "auth0|b", "auth0|a", "aesthetic", "sotce"]);
        let whole: Value = serde_json::from_str(&text(&of_both(Format::Json))).unwrap();
        let [aesthetic, sotce] = whole["tenants"].as_array().unwrap().as_slice() else {
            panic!("{whole}");
        };
        assert_eq!(aesthetic["signups"], Value::Array(vec![]));
        assert_eq!(aesthetic["orphans"][0]["sub"], "auth0|b");
        assert_eq!(sotce["signups"][1]["sub"], "auth0|a");
        assert_eq!(
            (&sotce["totals"]["checked"], &sotce["tenant"]),
            (&2.into(), &"sotce".into())
        );
    }

    #[test]
    fn a_hundred_of_one_name_are_enough() {
        let folder = tempfile::tempdir().unwrap();
        let asked = empty(folder.path().join("x.csv"), Format::Csv);
        for _ in 0..NAMES {
            export(&asked).unwrap();
        }
        let problem = export(&asked).unwrap_err();
        assert_eq!(problem.hint, "Move the exports away that lie there.");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), NAMES);
    }

    #[test]
    fn what_cannot_be_written_is_told_with_a_hint() {
        let folder = tempfile::tempdir().unwrap();
        let gone = empty(folder.path().join("gone").join("x.csv"), Format::Csv);
        let problem = export(&gone).unwrap_err();
        assert_eq!(problem.class, Class::Internal);
        assert!(
            problem
                .message
                .ends_with("gone cannot be written: No such file or directory (os error 2)."),
            "{problem}"
        );
        assert_eq!(problem.hint, "Start atriage in a folder that you may write to.");
    }
}

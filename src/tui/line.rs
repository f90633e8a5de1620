//! The same action as a command line, quoted so that no id is anything but a word in a shell.

use super::message::Target;
use crate::domain::text::clean;

/// How a command reaches the world that the dashboard shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// The flags that this takes: `--config` and its file, say.
    pub flags: Vec<String>,
    /// The world ends with the dashboard, and no other program sees it.
    pub sandbox: bool,
}

/// A command line, or one for each tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    pub lines: Vec<String>,
    /// How many users are in them.
    pub users: usize,
    /// Whose ids hold what no line carries safely, such as a line break.
    pub left_out: usize,
}

impl Reach {
    /// `atriage backfill --tenant T 'auth0|…' --fix`, a line a tenant, the users in their order.
    pub fn backfill(&self, targets: &[&Target], fix: bool) -> Lines {
        let mut told = Lines::default();
        let mut tenants: Vec<&str> = Vec::new();
        for target in targets {
            if !tenants.contains(&target.tenant.as_str()) {
                tenants.push(&target.tenant);
            }
        }
        for tenant in tenants {
            let its = targets.iter().filter(|target| target.tenant == tenant);
            let (safe, odd): (Vec<&str>, Vec<&str>) = its
                .map(|target| target.sub.as_str())
                .partition(|sub| is_safe(sub));
            told.left_out += odd.len();
            if safe.is_empty() || !is_safe(tenant) {
                told.left_out += safe.len();
                continue;
            }
            told.users += safe.len();
            told.lines
                .push(self.of_users(&["backfill", "--tenant", tenant], &safe, fix));
        }
        told
    }

    /// What was changed about one user; `None` where the id holds what no line carries safely.
    pub fn history(&self, target: &Target) -> Option<String> {
        let safe = is_safe(&target.sub) && is_safe(&target.tenant);
        safe.then(|| self.of_users(&["history", "--tenant", &target.tenant], &[&target.sub], false))
    }

    /// The newest signups; `filter` in the words of the screen's.
    pub fn audit(&self, tenant: &str, newest: usize, filter: &str) -> String {
        let newest = newest.to_string();
        let mut words = vec!["audit", tenant, &newest];
        if !filter.is_empty() {
            words.extend(["--filter", filter]);
        }
        self.line(&words)
    }

    /// Goes on with a run.
    pub fn resume(&self, run: &str) -> String {
        self.line(&["runs", "resume", run])
    }

    /// Mends the index on the code.
    pub fn fix_index(&self) -> String {
        self.line(&["diagnose", "--fix-index"])
    }

    fn of_users(&self, command: &[&str], users: &[&str], fix: bool) -> String {
        let mut words = command.to_vec();
        let fix = fix.then_some("--fix");
        // An id that looks like a flag must not be one.
        if users.iter().any(|user| user.starts_with('-')) {
            words.extend(fix);
            words.push("--");
            words.extend(users);
        } else {
            words.extend(users);
            words.extend(fix);
        }
        self.line(&words)
    }

    fn line(&self, words: &[&str]) -> String {
        let flags = self.flags.iter().map(String::as_str);
        let all = std::iter::once("atriage")
            .chain(flags)
            .chain(words.iter().copied());
        all.map(quoted).collect::<Vec<_>>().join(" ")
    }
}

/// Whether a text can be pasted: a line break or an escape in it could end the paste and run as a command.
fn is_safe(text: &str) -> bool {
    !text.is_empty() && clean(text) == text
}

/// A text as one word of `sh`, `bash`, `zsh` and `fish`. Between single quotes nothing has a meaning, but for the backslash
/// of `fish`: it stands between double ones.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,@%+=".contains(c);
    let begins = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if word.starts_with(begins) && word.chars().all(plain) {
        return word.to_string();
    }
    let inner = word.chars().map(|c| match c {
        '\'' => r"'\''".to_string(),
        '\\' => r#"'"\\"'"#.to_string(),
        c => c.to_string(),
    });
    format!("'{}'", inner.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(tenant: &str, sub: &str) -> Target {
        Target {
            tenant: tenant.into(),
            sub: sub.into(),
            key: sub.into(),
        }
    }

    /// The words that a shell makes of a line.
    fn words(line: &str) -> Vec<String> {
        let script = format!("set -- {line}; printf '%s\\0' \"$@\"");
        let told = std::process::Command::new("sh")
            .args(["-c", &script])
            .output()
            .unwrap();
        assert!(told.status.success(), "{line}: {told:?}");
        let text = String::from_utf8(told.stdout).unwrap();
        text.split_terminator('\0').map(String::from).collect()
    }

    /// An odd id, and how it stands in a line.
    const HOSTILE: [(&str, &str); 13] = [
        ("auth0|68ee50", "'auth0|68ee50'"),
        ("plain-word_1.2:3", "plain-word_1.2:3"),
        ("a|b; rm -rf ~", "'a|b; rm -rf ~'"),
        ("a|$(touch x)`id`", "'a|$(touch x)`id`'"),
        ("a|it's", r"'a|it'\''s'"),
        ("a|';id;'", r"'a|'\'';id;'\'''"),
        (r"a|\", r#"'a|'"\\"''"#),
        (r"a|\';id", r#"'a|'"\\"''\'';id'"#),
        ("a|\"$HOME\" !! *", "'a|\"$HOME\" !! *'"),
        ("=ls", "'=ls'"),
        ("~root|x", "'~root|x'"),
        ("a|é 𝄞 #&", "'a|é 𝄞 #&'"),
        ("", "''"),
    ];

    #[test]
    fn a_shell_makes_one_word_of_every_id() {
        for (word, line) in HOSTILE {
            assert_eq!(quoted(word), line);
            assert_eq!(words(line), [word], "{line}");
        }
    }

    #[test]
    fn each_tenant_has_its_line_with_its_users_in_their_order() {
        let all = [
            target("aesthetic", "auth0|b"),
            target("sotce", "auth0|a"),
            target("aesthetic", "auth0|a'"),
        ];
        let told = Reach::default().backfill(&all.iter().collect::<Vec<_>>(), true);
        assert_eq!(
            told,
            Lines {
                lines: vec![
                    r"atriage backfill --tenant aesthetic 'auth0|b' 'auth0|a'\''' --fix".into(),
                    "atriage backfill --tenant sotce 'auth0|a' --fix".into(),
                ],
                users: 3,
                left_out: 0
            }
        );
        let dry = Reach::default().backfill(&[&all[1]], false);
        assert_eq!(dry.lines, ["atriage backfill --tenant sotce 'auth0|a'"]);
    }

    #[test]
    fn what_no_line_carries_is_left_out_and_counted() {
        let odd = ["a|b\nid", "a|\u{1b}[201~id", "a|\u{202e}x", "", "a|\r"];
        let mut all: Vec<Target> = odd.iter().map(|sub| target("aesthetic", sub)).collect();
        all.push(target("aesthetic", "auth0|a"));
        all.push(target("in\nit", "auth0|b"));
        let told = Reach::default().backfill(&all.iter().collect::<Vec<_>>(), true);
        assert_eq!((told.users, told.left_out), (1, 6));
        assert_eq!(
            told.lines,
            ["atriage backfill --tenant aesthetic 'auth0|a' --fix"]
        );
        assert!(
            all[..5]
                .iter()
                .all(|target| Reach::default().history(target).is_none())
        );
    }

    #[test]
    fn an_id_is_never_a_flag() {
        let odd = target("aesthetic", "--yes|x");
        let told = Reach::default().backfill(&[&odd], true);
        let line = "atriage backfill --tenant aesthetic --fix -- '--yes|x'";
        assert_eq!(told.lines, [line]);
    }

    #[test]
    fn the_same_world_is_reached() {
        let reach = Reach {
            flags: vec!["--config".into(), "/home/mira/my files/c.toml".into()],
            sandbox: false,
        };
        let start = "atriage --config '/home/mira/my files/c.toml'";
        let user = target("sotce", "auth0|a");
        assert_eq!(
            reach.history(&user),
            Some(format!("{start} history --tenant sotce 'auth0|a'"))
        );
        let line = format!("{start} audit both 50 --filter 'pds:missing age<2h -verified'");
        assert_eq!(reach.audit("both", 50, "pds:missing age<2h -verified"), line);
        assert_eq!(
            reach.audit("aesthetic", 7, ""),
            format!("{start} audit aesthetic 7")
        );
        assert_eq!(reach.fix_index(), format!("{start} diagnose --fix-index"));
        assert_eq!(reach.resume("7f3a0000"), format!("{start} runs resume 7f3a0000"));
    }
}

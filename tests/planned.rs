//! What a plan changes, as old → new: the dry run of `backfill` and the question of `--fix` show it in each format, masked
//! and without a secret.

use serde_json::{Value, json};

use crate::support::runs::{fix, without_account};
use crate::support::town::Town;

/// Somebody who chose a name after the account was made, and somebody who has nothing: the subs, the handle that stands and
/// the one that is wanted.
struct Two {
    renamed: String,
    bare: String,
    stands: String,
    wanted: String,
}

fn two(town: &mut Town) -> Two {
    town.old_index();
    let renamed = without_account(town, "mira");
    assert_eq!(fix(town, &renamed).0, 0);
    let user = town.get("users", &renamed).expect("a record");
    let account = user.get_document("atproto").expect("an account");
    let stands = account.get_str("handle").expect("a handle").to_string();
    let (_, domain) = stands.split_once('.').expect("a full handle");
    let wanted = format!("mira{}.{domain}", town.tag);
    town.name(&renamed, &format!("mira{}", town.tag));
    Two {
        bare: town.sign_up("aesthetic", "carl", true),
        renamed,
        stands,
        wanted,
    }
}

#[test]
fn a_dry_run_shows_what_is_replaced() {
    let mut town = Town::new();
    let Two {
        renamed,
        bare,
        stands,
        wanted,
    } = two(&mut town);
    let masked = format!("m….{}", wanted.split_once('.').expect("a full handle").1);
    // What has no room beside each other stands below each other.
    let beside = format!("{stands} → {masked} or the code");
    let below = format!("{stands}\n      → {wanted} or the code");
    for (unmask, shown) in [(None, &beside), (Some("--unmask"), &below)] {
        let mut args = vec!["backfill", &renamed, &bare];
        args.extend(unmask);
        let dry = town.run(&args);
        let expected = format!(
            "aesthetic  {renamed}  sync-handle record-account verify
    PDS handle, users.atproto.handle:
      {shown}
    why: handle-drift
aesthetic  {bare}  ensure-code-index create-verification create-user create-account record-account verify
    why: missing-user-record, missing-verification-record, missing-account
2 users: 2 to mend
"
        );
        assert_eq!(dry.stdout, expected, "{dry:?}");
    }

    let (_, told) = town.json(&["backfill", &renamed, &bare]);
    let to = format!("{masked} or the code");
    assert_eq!(
        told["users"][0]["changes"],
        json!([
            {"step": "sync-handle", "place": "pds_handle", "old": stands, "new": to},
            {"step": "record-account", "place": "recorded_handle", "old": stands, "new": to},
        ])
    );
    let changes = told["users"][1]["changes"].as_array().expect("a list");
    assert_eq!(
        changes[0],
        json!({"step": "ensure-code-index", "place": "code_index", "old": "unknown", "new": "kept if unique, made if none is"})
    );
    let password =
        json!({"step": "create-account", "place": "pds_password", "old": null, "new": "set, never shown"});
    assert!(changes.contains(&password), "{told:#}");

    let lines = town.run(&["backfill", &renamed, "-o", "ndjson"]).stdout;
    let first: Value = serde_json::from_str(lines.lines().next().expect("a line")).expect("JSON");
    assert_eq!(first["changes"], told["users"][0]["changes"]);

    let csv = town.run(&["backfill", &renamed, "-o", "csv"]).stdout;
    let cell = format!("PDS handle: {stands} → {to}; users.atproto.handle: {stands} → {to}");
    assert!(csv.trim_end().ends_with(&format!(",{cell}")), "{csv}");

    let markdown = town.run(&["backfill", &renamed, "-o", "markdown"]).stdout;
    let escaped = renamed.replace('|', "\\|");
    let list = format!(
        "\nWhat the plans change:\n\n- aesthetic {escaped}\n  - sync-handle: PDS handle: {stands} → {to}\n  - \
         record-account: users.atproto.handle: {stands} → {to}\n"
    );
    assert!(markdown.ends_with(&list), "{markdown}");
    assert!(!markdown.contains("| changes |"), "{markdown}");

    // What is done is told as it was planned; a table says only how it ended.
    let (status, told) = town.json(&["backfill", &renamed, "--fix", "--yes"]);
    assert_eq!(
        (status, told["users"][0]["changes"][0]["new"].as_str()),
        (0, Some(to.as_str())),
        "{told:#}"
    );
    let (_, told) = town.json(&["backfill", &renamed]);
    assert_eq!(told["users"][0]["changes"], json!([]), "{told:#}");
}

/// Whoever is asked sees it too, in lines that end where the screen does.
#[test]
fn the_question_shows_what_is_replaced_on_a_narrow_screen() {
    let mut town = Town::new();
    let Two {
        renamed,
        bare,
        stands,
        ..
    } = two(&mut town);
    let mut screen = town.open(&["backfill", &renamed, &bare, "--fix"], 80, 24);
    screen.wait_for("[y/N]");
    let shown = screen.screen();
    let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
    let at = |begin: &str| {
        let found = lines.iter().position(|line| line.starts_with(begin));
        found.unwrap_or_else(|| panic!("no {begin}:\n{shown}"))
    };
    let handle = at("    PDS handle, users.atproto.handle:");
    assert!(
        lines[handle + 1].starts_with(&format!("      {stands} → m….")),
        "{shown}"
    );
    let bare = at(&format!(
        "aesthetic  {bare}  ensure-code-index create-verification"
    ));
    assert_eq!(
        lines[bare + 1],
        "    create-user create-account record-account verify",
        "{shown}"
    );
    screen.press("n\n");
    assert_eq!(screen.wait_exit().code(), Some(7));
}

//! Which configurations hold, and how the others are told.

use super::*;
use secrecy::ExposeSecret;

fn complete() -> Variables {
    Variables::new(
        [
            ("AUTH0_M2M_CLIENT_ID", "id"),
            ("AUTH0_M2M_SECRET", "secret"),
            ("MONGODB_CONNECTION_STRING", "mongodb://127.0.0.1:1"),
            ("MONGODB_NAME", "aesthetic"),
            ("PDS_ADMIN_PASSWORD", "password"),
        ]
        .map(|(name, value)| (name.to_string(), value.to_string())),
    )
}

fn problems(change: impl FnOnce(&mut Variables)) -> Vec<String> {
    let mut variables = complete();
    change(&mut variables);
    match Config::read(&variables, None, Duration::from_secs(1)) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|problem| problem.message).collect(),
    }
}

#[test]
fn a_complete_environment_needs_nothing_more() {
    let config = Config::read(&complete(), None, Duration::from_secs(1))
        .ok()
        .unwrap();
    assert_eq!(config.pds_url, "https://at.aesthetic.computer");
    assert_eq!(config.plc_url, "https://plc.directory");
    assert_eq!(config.tenants[0].auth0_url, "https://aesthetic.us.auth0.com");
    assert!(
        config.tenants[0]
            .client
            .as_ref()
            .is_some_and(|client| client.secret.expose_secret() == "secret")
    );
    assert!(config.tenants[1].client.is_none(), "sotce is not configured");
    assert_eq!(config.label, "at.aesthetic.computer");
    assert!(!config.read_only);
}

#[test]
fn every_problem_is_told_at_once() {
    let told = problems(|variables| {
        *variables = Variables::default();
        variables.set("MONGODB_NAME", " ");
        variables.set("SOTCE_AUTH0_M2M_CLIENT_ID", "id");
    });
    assert_eq!(
        told,
        [
            "AUTH0_M2M_CLIENT_ID is not set.",
            "AUTH0_M2M_SECRET is not set.",
            "SOTCE_AUTH0_M2M_SECRET is not set.",
            "MONGODB_CONNECTION_STRING is not set.",
            "MONGODB_NAME is empty.",
            "PDS_ADMIN_PASSWORD is not set.",
        ]
    );
}

#[test]
fn malformed_values_are_told_without_being_printed() {
    for (name, value, told) in [
        (
            "PDS_URL",
            "http://pds.example.com",
            "PDS_URL is an http:// address of another machine.",
        ),
        ("PDS_URL", "nonsense", "PDS_URL is no address."),
        ("AUTH0_BASE_URL", "ftp://x", "AUTH0_BASE_URL is no address."),
        (
            "MONGODB_CONNECTION_STRING",
            "postgres://u:secret@h",
            "MONGODB_CONNECTION_STRING is malformed.",
        ),
        (
            "MONGODB_NAME",
            "mongodb+srv://u:secret@h",
            "MONGODB_NAME is no name of a database.",
        ),
        (
            "MONGODB_NAME",
            "aesthetic.users",
            "MONGODB_NAME is no name of a database.",
        ),
    ] {
        assert_eq!(problems(|variables| variables.set(name, value)), [told]);
    }
    assert!(problems(|variables| variables.set("PDS_URL", "http://127.0.0.1:3000/")).is_empty());
}

#[test]
fn only_variables_of_the_services_mean_the_real_thing() {
    let of = |name: &str| Variables::new([(name.to_string(), String::new())]).mean_the_real_thing();
    assert!(of("MONGODB_NAME") && of("AUTH0_M2M_SECRET") && of("PDS_ADMIN_PASSWORD"));
    assert!(!of("NO_COLOR") && !of("ATRIAGE_READ_ONLY") && !of("HTTPS_PROXY"));
}

#[test]
fn an_env_file_is_read_as_the_existing_system_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env");
    let text = "# a comment\nexport A=plain\nB=pa$$word$HOME # why\nC=\"two words $x\"\nD='sin$gle'\nE=a b c\nF=back\\slash\n\nG=\nH=quo\"te\n";
    std::fs::write(&path, text).unwrap();
    let mut variables = Variables::default();
    variables.set("A", "the process wins");
    variables.add_file(&path).unwrap();
    let read =
        ["A", "B", "C", "D", "E", "F", "H"].map(|name| variables.get(name).unwrap_or_default().to_string());
    assert_eq!(
        read,
        [
            "the process wins",
            "pa$$word$HOME",
            "two words $x",
            "sin$gle",
            "a b c",
            "back\\slash",
            "quo\"te"
        ]
    );
    assert_eq!(variables.get("G"), None);
    std::fs::write(&path, "no assignment here with = \"open").unwrap();
    let told = Variables::default().add_file(&path).unwrap_err();
    assert!(!told.message.contains("open"), "{told}");
}

#[test]
fn further_tenants_come_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let mut variables = complete();
        variables.set("THIRD_AUTH0_M2M_CLIENT_ID", "id");
        variables.set("THIRD_AUTH0_M2M_SECRET", "secret");
        Config::read(&variables, Some(&path), Duration::from_secs(1))
    };
    let third = "[[tenant]]\nname = \"third\"\nauth0_url = \"https://third.example.com\"\nsub_prefix = \"third-\"\nenv_prefix = \"THIRD_\"\n";
    let config = read(third).ok().unwrap();
    assert_eq!(config.tenants[2].naming, Naming::new("third", "third-"));
    assert!(config.tenants[2].client.is_some());
    for (text, told) in [
        (third.replace("third-", "sotce-"), "that another one has"),
        (
            third.replace("\"third\"", "\"both\""),
            "which means something else",
        ),
        (third.replace("\"third\"", "\"50\""), "which means something else"),
        (third.replace("\"third\"", "\"\""), "which means something else"),
        ("[[tenant]]\nname = 5\n".to_string(), "is malformed"),
        ("surprise = 1\n".to_string(), "is malformed"),
    ] {
        let problems = read(&text).err().unwrap();
        assert!(problems[0].message.contains(told), "{}", problems[0].message);
    }
    let missing = Config::read(
        &complete(),
        Some(Path::new("/nowhere/config.toml")),
        Duration::from_secs(1),
    );
    assert!(missing.err().unwrap()[0].message.contains("cannot be read"));
}

//! MongoDB: whether it answers, takes writes and lets us in, what we may do, and the index on the code.

use secrecy::ExposeSecret;

use super::{intents, is_silence, refused, unusable};
use crate::config::Reading;
use crate::config::address::EMBEDDED_SCHEME;
use crate::domain::Class;
use crate::domain::setting::Mongo as Part;
use crate::domain::setting::rights::{self, Access};
use crate::domain::setting::{Line, Setting, clock, index};
use crate::services::Error;
use crate::services::store::{MongoServer, NEEDS, Primary, open, wrong_database};

const NAME: &str = "MONGODB_NAME";
const SHUT: &str = "Not known, since MongoDB does not let us in.";

const FIRST: [Part; 5] = [
    Part::Reachable,
    Part::Login,
    Part::Primary,
    Part::Clock,
    Part::AccessControl,
];
const RECORDS: [Part; 3] = [Part::Database, Part::Index, Part::Intents];

pub(super) async fn check(reading: &Reading) -> Vec<Line> {
    let config = &reading.config;
    if let Some(why) = unusable(reading, &["MONGODB_CONNECTION_STRING".into()]) {
        return not_known(&FIRST, &why)
            .into_iter()
            .chain(no_rights(&why))
            .chain(not_known(&RECORDS, &why))
            .collect();
    }
    let uri = &config.mongodb_connection_string;
    if uri.expose_secret().starts_with(EMBEDDED_SCHEME) {
        let here = "The records lie in a file of this machine, which is asked nothing but what it holds.";
        let mut lines = vec![Setting::Mongo(Part::Reachable).ok(here)];
        lines.extend(match unusable(reading, &[NAME.into()]) {
            Some(why) => not_known(&RECORDS, &why),
            None => records(reading).await,
        });
        return lines;
    }
    match MongoServer::open(uri, &config.mongodb_name, config.timeout).await {
        Ok(server) => look(reading, &server).await,
        Err(error) => {
            let mut lines = shut(&error);
            if !is_silence(&error) {
                let why = "Not asked, since its address cannot be read.";
                lines[0] = Setting::Mongo(Part::Reachable).unknown(why, "");
            }
            lines
        }
    }
}

async fn look(reading: &Reading, server: &MongoServer) -> Vec<Line> {
    if let Err(error) = server.answers().await {
        return shut(&error);
    }
    let (primary, access) = tokio::join!(server.primary(), server.access());
    let mut lines = vec![Setting::Mongo(Part::Reachable).ok("MongoDB answers.")];
    lines.push(login(&access));
    lines.extend(writable(primary));
    lines.extend(may(reading, server, &access));
    lines.extend(match (access, unusable(reading, &[NAME.into()])) {
        (Err(error), _) if error.kind == Class::Auth => not_known(&RECORDS, SHUT),
        (_, Some(why)) => not_known(&RECORDS, &why),
        _ => records(reading).await,
    });
    lines
}

fn login(access: &Result<Access, Error>) -> Line {
    let login = Setting::Mongo(Part::Login);
    match access {
        Ok(Access::User(_)) => login.ok("MongoDB knows our user."),
        Ok(Access::Open) => login.ok("MongoDB asks for no user."),
        Err(error) if error.kind == Class::Auth => refused(login, error),
        // It may not know the question.
        Err(error) => login.unknown(error.what.clone(), error.hint.clone()),
    }
}

fn writable(primary: Result<Primary, Error>) -> Vec<Line> {
    let setting = Setting::Mongo(Part::Primary);
    let (line, clock) = match primary {
        Ok(Primary { set, clock }) => match set {
            Some(set) => (setting.ok(format!("The replica set {set} has a primary.")), clock),
            None => (setting.ok("MongoDB stands alone, and takes writes."), clock),
        },
        // Somebody answers: that nobody takes writes is known.
        Err(error) => (setting.problem(error.what.clone(), error.hint.clone()), None),
    };
    let clock = clock::judge(Setting::Mongo(Part::Clock), "MongoDB's clock", clock);
    vec![line, clock]
}

fn may(reading: &Reading, server: &MongoServer, access: &Result<Access, Error>) -> Vec<Line> {
    let config = &reading.config;
    let Ok(access) = access else {
        let why = "Not known, since MongoDB did not say who we are.";
        let mut lines = not_known(&[Part::AccessControl], why);
        lines.extend(no_rights(why));
        return lines;
    };
    let mut lines = vec![rights::access_control(access, server.is_here())];
    lines.extend(match unusable(reading, &[NAME.into()]) {
        Some(why) => no_rights(&why),
        None => rights::judge(access, &config.mongodb_name, &NEEDS, config.read_only),
    });
    lines
}

async fn records(reading: &Reading) -> Vec<Line> {
    let config = &reading.config;
    let uri = &config.mongodb_connection_string;
    let database = Setting::Mongo(Part::Database);
    let found = async {
        let store = open(uri, &config.mongodb_name, config.timeout).await?;
        Ok::<_, Error>((store.has_collections().await?, store))
    };
    match found.await {
        Ok((true, store)) => {
            let right = format!("{} has the collections of signups.", config.mongodb_name);
            let index = match store.code_indexes().await {
                Ok(indexes) => index::judge(&indexes),
                Err(error) => refused(Setting::Mongo(Part::Index), &error),
            };
            let intents = intents::check(reading, store.as_ref()).await;
            vec![database.ok(right), index, intents]
        }
        Ok((false, _)) => {
            let why = "Not known, since this is another database.";
            let mut lines = vec![refused(database, &wrong_database())];
            lines.extend(not_known(&RECORDS[1..], why));
            lines
        }
        Err(error) => {
            let mut lines = vec![refused(database, &error)];
            lines.extend(not_known(
                &RECORDS[1..],
                "Not known, since the collections could not be listed.",
            ));
            lines
        }
    }
}

/// The lines where MongoDB does not let us ask anything: it does not answer, or not us.
fn shut(error: &Error) -> Vec<Line> {
    let (reachable, login) = (Setting::Mongo(Part::Reachable), Setting::Mongo(Part::Login));
    let mut lines = match is_silence(error) {
        true => vec![
            refused(reachable, error),
            login.unknown("MongoDB did not answer.", ""),
        ],
        false => vec![reachable.ok("MongoDB answers."), refused(login, error)],
    };
    let why = match is_silence(error) {
        true => "Not known, since MongoDB did not answer.",
        false => SHUT,
    };
    lines.extend(not_known(&FIRST[2..], why));
    lines.extend(no_rights(why));
    lines.extend(not_known(&RECORDS, why));
    lines
}

fn not_known(parts: &[Part], why: &str) -> Vec<Line> {
    parts
        .iter()
        .map(|part| Setting::Mongo(*part).unknown(why, ""))
        .collect()
}

fn no_rights(why: &str) -> Vec<Line> {
    let line = |collection: &str| Setting::Rights(collection.to_string()).unknown(why, "");
    NEEDS.iter().map(|need| line(need.collection)).collect()
}

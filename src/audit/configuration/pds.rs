//! The PDS: its health, what it says of itself, the admin's password, its limiter and its clock.

use super::{is_silence, refused, unusable, within};
use crate::config::Reading;
use crate::domain::setting::Pds as Part;
use crate::domain::setting::{Line, Setting, clock, pds};
use crate::services::pds::Pds;

const SERVICE: &str = "pds";
const ALL: [Part; 6] = [
    Part::Health,
    Part::Password,
    Part::HandleDomain,
    Part::Invites,
    Part::Limiter,
    Part::Clock,
];

pub(super) async fn check(reading: &Reading) -> Vec<Line> {
    let config = &reading.config;
    if let Some(why) = unusable(reading, &["PDS_URL".into()]) {
        return not_known(&ALL, &why);
    }
    let password = config.pds_admin_password.clone();
    let domain = config.pds_handle_domain.clone();
    match Pds::new(&config.pds_url, password, domain, config.timeout) {
        Ok(pds) => look(reading, &pds).await,
        Err(error) => {
            let mut lines = vec![refused(Setting::Pds(Part::Health), &error)];
            lines.extend(not_known(&ALL[1..], "Not asked, since no request can be made."));
            lines
        }
    }
}

async fn look(reading: &Reading, pds: &Pds) -> Vec<Line> {
    let config = &reading.config;
    let health = Setting::Pds(Part::Health);
    let mut lines = match within(config.timeout, SERVICE, pds.version()).await {
        Ok(Some(version)) => {
            let answers = format!("The PDS answers at {}, version {version}.", config.pds_url);
            vec![health.ok(answers)]
        }
        Ok(None) => vec![health.ok(format!("The PDS answers at {}.", config.pds_url))],
        Err(error) => {
            let why = match is_silence(&error) {
                true => "Not known, since the PDS did not answer.",
                false => "Not known, since no PDS answers so.",
            };
            let mut lines = vec![refused(health, &error)];
            lines.extend(not_known(&ALL[1..], why));
            return lines;
        }
    };
    lines.push(let_in(reading, pds).await);
    lines.extend(about(reading, pds).await);
    let told = pds.pulse().read();
    let limits = told.budgets.iter().filter_map(|budget| budget.limit);
    lines.push(pds::limiter(limits.max()));
    lines.push(clock::judge(
        Setting::Pds(Part::Clock),
        "The PDS's clock",
        told.clock,
    ));
    lines
}

async fn let_in(reading: &Reading, pds: &Pds) -> Line {
    let setting = Setting::Pds(Part::Password);
    if let Some(why) = unusable(reading, &["PDS_ADMIN_PASSWORD".into()]) {
        return setting.unknown(why, "");
    }
    match within(reading.config.timeout, SERVICE, pds.lets_admin_in()).await {
        Ok(()) => setting.ok("The PDS knows the admin's password."),
        Err(error) => refused(setting, &error),
    }
}

async fn about(reading: &Reading, pds: &Pds) -> Vec<Line> {
    let config = &reading.config;
    match within(config.timeout, SERVICE, pds.about()).await {
        Ok(about) => vec![
            pds::handle_domain(&about.domains, config.pds_handle_domain.as_deref()),
            pds::invites(about.wants_invites),
        ],
        Err(error) => {
            let mut lines = vec![refused(Setting::Pds(Part::HandleDomain), &error)];
            lines.extend(not_known(
                &[Part::Invites],
                "Not known, since the PDS does not describe itself.",
            ));
            lines
        }
    }
}

fn not_known(parts: &[Part], why: &str) -> Vec<Line> {
    parts
        .iter()
        .map(|part| Setting::Pds(*part).unknown(why, ""))
        .collect()
}

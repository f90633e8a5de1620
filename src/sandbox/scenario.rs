//! Who lives in the sandbox: invented people, one row each, and what is the matter with them. The newest tell the
//! incident of October 2025 (verifications written, users not); the older ones cover every other finding.

/// What is the matter with a signup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Whole,
    /// The link was not clicked yet.
    Unverified,
    /// The incident: `verifications` is there, `users` is not.
    NoRecord,
    /// The same, and the link was not clicked yet.
    NoRecordUnverified,
    NoVerification,
    CountZero,
    NoCode,
    MalformedCode,
    NoAccount,
    /// The account was made, then the process died.
    Unrecorded,
    NoPassword,
    Elsewhere,
    Tombstoned,
    Unresolvable,
    Gone,
    TakenDown,
    Deactivated,
    Broken,
    HandleDrift,
    Fallback,
    RecordDrift,
    WrongPassword,
    Orphan,
    Blocked,
    Deleting,
    /// Signed up once more, with the e-mail of the row before.
    SameEmail,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    /// The local part of the address at `example.com`; unique in a tenant.
    pub local: &'static str,
    /// The chosen handle, where one was chosen.
    pub name: Option<&'static str>,
    pub case: Case,
}

const fn person(local: &'static str, name: &'static str, case: Case) -> Person {
    Person {
        local,
        name: Some(name),
        case,
    }
}

const fn unnamed(local: &'static str, case: Case) -> Person {
    Person {
        local,
        name: None,
        case,
    }
}

/// Newest first.
pub(super) const AESTHETIC: &[Person] = &[
    unnamed("mira.okafor", Case::NoRecord),
    person("koji.tanabe", "kojiko", Case::NoRecord),
    unnamed("vesna.holub", Case::NoRecordUnverified),
    person("zara.nowak", "43", Case::NoRecord),
    person("carl.nyberg", "carl.n", Case::NoRecord),
    unnamed("lina.berg", Case::NoRecord),
    person("omar.said", "omarsaid", Case::NoRecord),
    unnamed("petra.lang", Case::Whole),
    person("teo.marsh", "teo", Case::Whole),
    unnamed("iris.vale", Case::Unverified),
    person("june.abara", "june_a", Case::HandleDrift),
    person("bo.lindqvist", "bo", Case::Fallback),
    person("nadia.farouk", "nadiaf", Case::Whole),
    unnamed("sam.hollis", Case::NoAccount),
    person("rosa.pinto", "rosa", Case::Unrecorded),
    unnamed("eli.stone", Case::NoVerification),
    unnamed("ada.quist", Case::CountZero),
    unnamed("finn.moore", Case::NoCode),
    person("greta.voss", "greta", Case::MalformedCode),
    person("hugo.reyes", "hugor", Case::Whole),
    unnamed("ines.costa", Case::Unverified),
    person("jan.kowal", "jank", Case::NoPassword),
    person("kira.dahl", "kira", Case::RecordDrift),
    person("leo.brandt", "leob", Case::WrongPassword),
    person("maya.lund", "maya", Case::Elsewhere),
    person("nils.ahlgren", "nils", Case::Tombstoned),
    person("olga.petrov", "olga", Case::Unresolvable),
    person("pia.sorensen", "pia", Case::Gone),
    person("quinn.ashby", "quinn", Case::TakenDown),
    person("rui.almeida", "rui", Case::Deactivated),
    person("sven.ek", "sven", Case::Broken),
    person("tara.singh", "tara", Case::Blocked),
    person("uma.rao", "uma", Case::Deleting),
    person("viktor.hahn", "viktor", Case::Whole),
    unnamed("viktor.hahn", Case::SameEmail),
    person("wanda.zielinska", "wanda", Case::Orphan),
    person("xenia.roth", "xenia", Case::Whole),
    person("yara.haddad", "yara", Case::Whole),
    unnamed("zoe.keller", Case::Whole),
    person("arlo.finch", "arlo", Case::Whole),
    unnamed("bea.novak", Case::Unverified),
];

/// Newest first. Some are in `aesthetic` too, with the same e-mail.
pub(super) const SOTCE: &[Person] = &[
    unnamed("dora.lind", Case::NoRecord),
    person("emil.fry", "emil", Case::NoRecord),
    person("petra.lang", "petra", Case::NoRecord),
    unnamed("fay.osei", Case::Unverified),
    person("gus.weber", "gus", Case::Whole),
    unnamed("hana.mori", Case::NoAccount),
    person("ivo.santos", "ivo", Case::HandleDrift),
    person("teo.marsh", "teosotce", Case::Whole),
    unnamed("jade.okoye", Case::Whole),
    unnamed("kurt.valen", Case::NoVerification),
    person("lola.ruiz", "lola", Case::Whole),
    person("milo.grant", "milo", Case::RecordDrift),
    unnamed("nora.byrne", Case::Whole),
    unnamed("otto.klein", Case::CountZero),
    person("paz.romero", "paz", Case::Whole),
];

/// Those who sign up while the sandbox runs, in this order, over and over.
pub(super) const ARRIVALS: &[&str] = &[
    "ravi.menon",
    "sofia.grau",
    "tomas.vik",
    "ulla.hagen",
    "vera.blum",
    "will.ocho",
    "yuki.sato",
    "zeno.parr",
];

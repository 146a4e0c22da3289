//! What of the matrix means something at which payment system.

use crate::dimensions::{Script, Strike};
use tokendesk_tests::played::{System, Wanted};

/// Kinds of change that are tried with a way to go on.
pub fn wishes(system: System, script: Script) -> &'static [Wanted] {
    if script == Script::Send {
        return system.played().wishes();
    }
    match (system, script) {
        // Nothing is read there, so nothing can be seen to be in conflict.
        (System::Prism, Script::KeepMine | Script::TakeTheirs) => &[],
        (System::Prism, _) => &[Wanted::Delete],
        (System::Zafapay, _) => &[Wanted::Deactivate],
        (System::ProcessOut, Script::Undo) => &[Wanted::OneClickOff, Wanted::MakeDefault, Wanted::Delete],
        (_, Script::KeepMine | Script::TakeTheirs) => &[Wanted::OneClickOff],
        _ => &[Wanted::OneClickOff, Wanted::Delete],
    }
}

/// Whether a fault means anything.
pub fn meets(system: System, strike: Strike) -> bool {
    match system {
        System::Wallee => true,
        // Ids are texts in all others.
        _ if strike == Strike::IdsAsTexts => false,
        // A record has no state there.
        System::Komoju => strike != Strike::UnknownState,
        System::ProcessOut | System::Zafapay => true,
        // A message is no JSON, and nothing is read.
        System::Prism => !matches!(
            strike,
            Strike::MembersMissing
                | Strike::UnknownState
                | Strike::ReadFails
                | Strike::ReadDrops
                | Strike::ReadBackDrops
                | Strike::SomebodyElseTouches
        ),
    }
}

/// Members that an answer can lack.
pub fn members(system: System) -> Vec<String> {
    let names: &[&str] = match system {
        System::Wallee => &["state", "version", "createdOn"],
        _ => &["id", "status", "metadata", "created_at"],
    };
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Whether nothing tells afterwards if a request was done.
pub fn cannot_be_read(system: System) -> bool {
    system == System::Prism
}

/// Whether a person may have to be asked, beyond what holds everywhere.
pub fn may_ask(system: System, strike: Strike, crashed: bool) -> bool {
    // Whether a lost request was done cannot be read at Prism: a person looks at the processor's own pages.
    cannot_be_read(system) && (crashed || strike != Strike::Nothing)
}

//! The catalogue of what problems say in English. The window says them from its own catalogue by code and params; the terminal
//! and the log read them here. `{name}` stands for a param. What changes and plans say of themselves is in the parts below.

pub(crate) mod capabilities;
mod changes;
mod plans;

pub(crate) use changes::*;
pub(crate) use plans::*;

use crate::contract::ProblemCode as C;

/// Title, detail, hint. Details say what still works or what was kept; hints say what to do.
pub struct Words {
    /// Who refused what.
    pub title: &'static str,
    /// What still works, what was kept.
    pub detail: &'static str,
    /// What to do next.
    pub hint: &'static str,
    /// Whether the same request may work later by itself.
    pub retryable: bool,
}

const fn words(title: &'static str, detail: &'static str, hint: &'static str) -> Words {
    Words {
        title,
        detail,
        hint,
        retryable: false,
    }
}

const fn later(title: &'static str, detail: &'static str, hint: &'static str) -> Words {
    Words {
        title,
        detail,
        hint,
        retryable: true,
    }
}

/// What a problem says.
pub fn words_of(code: C) -> Words {
    match code {
        C::HostMalformed => words(
            "This is not a host name",
            "Nothing was contacted.",
            "Enter only the host, such as app-wallee.com, without a path.",
        ),
        C::HostNotHttps => words(
            "This host must be reached over https",
            "Plain http is allowed to 127.0.0.1 and ::1, and in test to a private address of a server of your own. Nothing was sent.",
            "Enter the host with https, or just its name.",
        ),
        C::HostNotLoopback => words(
            "A demo account lives on this computer",
            "Nothing was contacted.",
            "Enter http://127.0.0.1 with its port, or choose Test or Live.",
        ),
        C::FieldInvalid => words(
            "{field_name} cannot be used",
            "{rule}",
            "Correct it and try again.",
        ),
        C::KeyMalformed => words(
            "{field_name} is not one of {provider}",
            "What was entered does not look like one. It was not stored or sent.",
            "Copy it again, whole, without spaces.",
        ),
        C::WrongKeyKind => words(
            "{field_name} is a key of another kind",
            "{provider} has keys for servers and keys for browsers, and this is the other one. It was not stored or sent.",
            "Copy the other key of the pair.",
        ),
        C::ReadOnlyAccount => words(
            "{account} is read-only here",
            "Nothing is changed through it.",
            "Make it writable on the Accounts screen, if that is wanted.",
        ),
        C::NotOffered => words(
            "{provider} does not offer this",
            "Nothing was sent.",
            "What {provider} can do is listed with the account.",
        ),
        C::ReasonRequired => words(
            "{provider} wants a reason",
            "The reason is sent to {provider} and kept there. Nothing was queued.",
            "Say in a few words why the card is blocked.",
        ),
        C::CustomerUnknown => words(
            "There is no such customer here",
            "",
            "List the account's directory, or search for the customer.",
        ),
        C::DirectoryUnreadable => words(
            "This file cannot be read as a list of customers",
            "{why} Nothing was stored.",
            "{now}",
        ),
        C::BenchNotHere => words(
            "There is no test bench for {account}",
            "{why} Nothing was sent.",
            "{now}",
        ),
        C::FlowStepInvalid => words("This step cannot be run", "{why} Nothing was sent.", ""),
        C::AmountInvalid => words(
            "This amount cannot be used",
            "{rule} Nothing was sent.",
            "Enter an amount such as 1.00.",
        ),
        C::VerificationNotAllowed => words(
            "Verifying by money is off for {account}",
            "It puts a hold on a real card for a moment. Nothing was sent.",
            "Whoever looks after the account can allow it on the Accounts screen.",
        ),
        C::AnotherIsOpen => words(
            "Another card of this customer is to become the default",
            "That change is not over yet. Nothing was queued.",
            "Undo it, or wait until it is done.",
        ),
        C::AccountExists => words(
            "{label} is connected to this already",
            "One set of cards is connected once, so that no card is listed twice.",
            "Use {label}, or remove it first.",
        ),
        C::AccountUnknown => words(
            "There is no such account here",
            "",
            "List the accounts to see their ids.",
        ),
        C::AccountHasOpenChanges => words(
            "{label} still has unsent changes: {count}",
            "Removing it now would lose them. Nothing was removed.",
            "Send or discard them first.",
        ),
        C::EnvironmentContradicted => words(
            "These credentials belong to another environment",
            "{env} was chosen, and {provider} or the credentials themselves say otherwise. Nothing was stored.",
            "Choose the environment they belong to, or use others.",
        ),
        C::EnvironmentAmbiguous => words(
            "Which environment?",
            "There are accounts in {envs}. They are never mixed in one answer.",
            "Add --env before the command.",
        ),
        C::NothingConnected => words("Nothing is connected yet", "", "Connect an account first."),
        C::Unreachable => later(
            "{account} cannot be reached",
            "What was read before can still be searched. Changes wait on this computer.",
            "Check the network and the host.",
        ),
        C::TlsFailed => words(
            "The connection to {account} is not safe",
            "The certificate was not accepted. Nothing was sent.",
            "Check the host name and this computer's date. A network that inspects traffic can cause this too.",
        ),
        C::Timeout => later(
            "{account} did not answer in time",
            "What was read before can still be searched. Changes wait on this computer.",
            "Try again in a moment.",
        ),
        C::CredentialsRejected => words(
            "{provider} did not accept the key of {account}",
            "The account rests, so that the key is not tried again and again. Cards read before can still be searched; changes are kept.",
            "Check the key at {provider}, replace it here, and test the account.",
        ),
        C::ClockSkew => words(
            "This computer's clock is wrong by {minutes} minutes",
            "{provider} refuses requests from a clock that far off. Nothing was changed.",
            "Set the date and time of this computer, then test the account.",
        ),
        C::Forbidden => words(
            "This key may not do this",
            "{provider} answered that a permission is missing. Nothing was changed.",
            "Ask whoever administers {provider} to extend what the key may do.",
        ),
        C::NotFoundAtProvider => words(
            "{provider} does not know this",
            "Nothing was changed.",
            "Refresh the customer, and check that the account still belongs to the same space.",
        ),
        C::RefusedByProvider => words(
            "{provider} refused it",
            "In its words: {message}",
            "Nothing more is sent until you choose.",
        ),
        C::RateLimited => later(
            "{provider} asks to wait",
            "Nothing was lost. It goes on by itself.",
            "Nothing to do.",
        ),
        C::ProviderFailed => later(
            "{provider} has a failure of its own",
            "What was read before can still be searched. Changes wait on this computer.",
            "It is tried again. If it lasts, ask {provider}.",
        ),
        C::AnswerUnreadable => later(
            "The answer of {account} makes no sense",
            "It may come from something between, such as a sign-in page. Nothing was stored.",
            "Check the host. If it lasts, ask {provider}.",
        ),
        C::TooManyVanished => words(
            "{missing} of {known} cards are not listed any more",
            "That is too many to believe at once. Nothing was marked as gone.",
            "Check the space and the application user's role. If they are right, read everything again: each missing card is then looked up by itself.",
        ),
        C::AlreadyRunning => words("This account is being read already", "", "Wait, or stop it."),
        C::Stopped => later(
            "Stopped",
            "What was read is kept. The next read goes on from there.",
            "",
        ),
        C::CardNumber => words(
            "This looks like a full card number",
            "Card numbers are never searched, stored or logged here. The text was thrown away.",
            "Search by email, name, reference or the last four digits.",
        ),
        C::QueryTooLong => words(
            "This is too long to search for",
            "",
            "Use part of an email, a name or an id.",
        ),
        C::FilterInvalid => words(
            "The filter {filter} does not know this value",
            "It accepts {accepts}.",
            "",
        ),
        C::CursorInvalid => words(
            "This is not a page of this list",
            "",
            "Start again without --after.",
        ),
        C::CardUnknown => words(
            "There is no such card here",
            "",
            "Find the customer again; ids are listed there.",
        ),
        C::PersonUnknown => words("This customer is not here any more", "", "Search again."),
        C::ChangeUnknown => words(
            "There is no such change here",
            "",
            "List the changes to see their ids.",
        ),
        C::ChangeTooLate => words(
            "It is too late to take this back",
            "The change was sent or has ended.",
            "Make the opposite change instead, where there is one.",
        ),
        C::ChangeNotStuck => words("This change is not stuck", "It goes on by itself.", ""),
        C::ChangeMayBeDone => words(
            "This change may have been done already",
            "It was sent and its answer was lost, so it cannot be undone as if it had never been asked.",
            "Wait until the card was read again, then switch it back. Or give the change up: it is not repeated then.",
        ),
        C::ChangeNotInConflict => words(
            "There is nothing to decide here",
            "This change is not in conflict, or somebody has decided it already.",
            "List the changes to see where it stands.",
        ),
        C::CannotKeepMine => words(
            "This wish cannot be kept",
            "The card is being deleted. Nothing was sent.",
            "Take theirs: the card stays as {provider} shows it.",
        ),
        C::PlanUnknown => words(
            "There is no such plan here",
            "",
            "List the plans to see their ids.",
        ),
        C::PlanNotReady => words("This plan is {status}", "Nothing was changed.", "{now}"),
        C::PlanEmpty => words(
            "Nothing in this selection can be changed",
            "{why}",
            "Choose other cards.",
        ),
        C::PlanTooLarge => words(
            "A plan has at most {most} cards",
            "This selection is larger. Nothing was planned.",
            "Narrow the search, and make several plans.",
        ),
        C::ReasonMissing => words(
            "This needs a reason",
            "It changes {count} live cards at once. Nothing was queued.",
            "Say why, in at most 255 characters. It is kept in the log.",
        ),
        C::BackupUnusable => words(
            "This backup cannot be used",
            "{why}",
            "Choose another one. Nothing was changed.",
        ),
        C::FileUnusable => words(
            "The file cannot be used",
            "{why}",
            "Choose another place, or another name.",
        ),
        C::LedgerOlder => words(
            "The ledger of this desk is older than the one last used here",
            "Nothing is sent, because what it still lists may have been sent since.",
            "Say first how to go on with its open changes.",
        ),
        C::OtherScope => words(
            "These credentials open something else",
            "They do not show the cards that {account} has. Nothing was replaced.",
            "Use credentials of the same space, or connect it as an account of its own.",
        ),
        C::CardNotSwitchable => words("This card cannot be switched now", "{why}", ""),
        C::NotPossibleHere => words(
            "{provider} does not take this from here",
            "{account} has shown before that active and inactive cannot be set this way. Nothing was sent.",
            "Switch one-click off, delete the card, or set the state in {provider}'s portal. The account's page can test it again.",
        ),
        C::ConfirmationMissing => words(
            "This needs its confirmation",
            "Nothing was queued.",
            "Type {expected_kind}.",
        ),
        C::ReasonTooLong => words(
            "The reason is too long",
            "It may have 255 characters.",
            "Shorten it.",
        ),
        C::DeskInUse => words(
            "{holder} is using this data folder",
            "Reading is possible. Nothing was changed.",
            "Make the change there, or close it first.",
        ),
        C::LedgerKeyWrong => words(
            "The key does not open this desk's ledger",
            "Nothing was changed. The ledger may come from another computer.",
            "Restore the keychain entry or the ledger that belong together.",
        ),
        C::NewerVersion => words(
            "These files were written by a newer version",
            "Nothing was changed.",
            "Install the newer version of Tokendesk.",
        ),
        C::LedgerDamaged => words(
            "The ledger of this desk is damaged",
            "Nothing was changed. It holds accounts and unsent changes; it is not thrown away.",
            "Restore ledger.db from a backup.",
        ),
        C::DiskFull => later(
            "The disk is full",
            "What was stored before is whole. This change was not taken.",
            "Make room, then try again.",
        ),
        C::KeychainLocked => later(
            "The keychain of this computer is locked",
            "The key of this desk is in it. Nothing was changed.",
            "Unlock it, then try again.",
        ),
        C::KeychainAbsent => words(
            "This computer has no keychain running",
            "Without one, the key can be kept in a file that a passphrase seals.",
            "Start the keychain, or name a file that only you can read in TOKENDESK_PASSPHRASE_FILE.",
        ),
        C::KeychainSlow => later(
            "The keychain of this computer does not answer",
            "Nothing was changed.",
            "Look for a window that asks to unlock it, then try again.",
        ),
        C::KeyMissing => words(
            "The key of this desk is missing",
            "The databases are here, and the keychain has no key for them. No new key is made: it could not open them.",
            "Restore the keychain, or start with an empty data folder.",
        ),
        C::SecretsElsewhere => words(
            "This data folder keeps its key in {mode}",
            "One folder uses one way, never both.",
            "Start it the way it was set up.",
        ),
        C::PassphraseWrong => words(
            "The passphrase is not right",
            "Nothing was changed.",
            "Try again.",
        ),
        C::PassphraseFile => words(
            "The passphrase file cannot be used",
            "{why}",
            "It must be readable by you alone: chmod 600.",
        ),
        C::DataFolder => words(
            "The data folder cannot be used",
            "{why}",
            "Check that it exists and is yours.",
        ),
        C::Internal => words(
            "Something went wrong in Tokendesk",
            "Nothing was sent.",
            "Try again. If it stays, report it with what you did.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_to_the_house_style() {
        for code in crate::problems::ALL_CODES {
            let words = words_of(*code);
            assert!(!words.title.is_empty() && !words.title.ends_with('.'), "{code:?}");
            for text in [words.title, words.detail, words.hint] {
                let lower = text.to_lowercase();
                for word in ["successfully", "please", "oops", "the system", "error:"] {
                    assert!(!lower.contains(word), "{code:?} says {word}");
                }
            }
        }
    }
}

//! How anything that goes wrong is told: plain words, what still works, what to do next.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// What went wrong, as far as somebody decides on it. Closed: a code exists because a screen, a script or a test uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// A host that is not a host name or address, or more than an origin.
    HostMalformed,
    /// Plain http to something that is not this computer.
    HostNotHttps,
    /// A demo account somewhere else than on this computer.
    HostNotLoopback,
    /// A label, space or user that cannot be one.
    FieldInvalid,
    /// The key is not base64 of a plausible length.
    KeyMalformed,
    /// The same provider, host and space is already connected.
    AccountExists,
    /// No such account here.
    AccountUnknown,
    /// The account's changes must be sent or discarded first.
    AccountHasOpenChanges,
    /// A key of another kind than the one needed here: a publishable one, or a secret one.
    WrongKeyKind,
    /// The account is read-only: nothing is written through it.
    ReadOnlyAccount,
    /// The payment system has nothing of the kind.
    NotOffered,
    /// Switching off needs a reason here, because the provider keeps it.
    ReasonRequired,
    /// No such customer record or directory entry here.
    CustomerUnknown,
    /// A file that cannot be read as a directory.
    DirectoryUnreadable,
    /// The account has no test bench: it is live, or lacks a key that the flow needs.
    BenchNotHere,
    /// No such flow, step or choice, or another step comes first.
    FlowStepInvalid,
    /// An amount or a currency that is not allowed.
    AmountInvalid,
    /// Verifying by money is not allowed for this live account.
    VerificationNotAllowed,
    /// Another change of the same kind is open for this customer.
    AnotherIsOpen,
    /// The chosen environment contradicts what the provider shows.
    EnvironmentContradicted,
    /// A command needs one environment, and there are several.
    EnvironmentAmbiguous,
    /// Nothing is connected yet.
    NothingConnected,
    /// The provider was not reached.
    Unreachable,
    /// Certificate or handshake.
    TlsFailed,
    /// No answer in time.
    Timeout,
    /// The key was not accepted.
    CredentialsRejected,
    /// The clocks of this computer and the provider differ by minutes.
    ClockSkew,
    /// The application user lacks a permission.
    Forbidden,
    /// The provider does not know it.
    NotFoundAtProvider,
    /// The provider refused it, in its own words.
    RefusedByProvider,
    /// Too many requests; wait.
    RateLimited,
    /// The provider failed on its side.
    ProviderFailed,
    /// The provider's answer makes no sense.
    AnswerUnreadable,
    /// More than 20 rows and 5 % vanished at once: stopped, asks.
    TooManyVanished,
    /// Reading of this account is already running.
    AlreadyRunning,
    /// Stopped by a person.
    Stopped,
    /// It looks like a full card number: refused, not stored.
    CardNumber,
    /// Search text too long.
    QueryTooLong,
    /// A filter value that does not exist.
    FilterInvalid,
    /// A page cursor that is not one of ours.
    CursorInvalid,
    /// No card with this id here.
    CardUnknown,
    /// No such person here.
    PersonUnknown,
    /// No such change here.
    ChangeUnknown,
    /// Already sent, or ended.
    ChangeTooLate,
    /// Nothing to retry: the change is not stuck.
    ChangeNotStuck,
    /// It was tried and may have been done: it can be given up, not undone.
    ChangeMayBeDone,
    /// Nothing to decide: the change is not in conflict, or was decided already.
    ChangeNotInConflict,
    /// The wish cannot be kept: the card is being deleted.
    CannotKeepMine,
    /// No plan with this id here.
    PlanUnknown,
    /// The plan has run, runs, or was stopped: not what was asked for.
    PlanNotReady,
    /// Nothing in the selection can be changed.
    PlanEmpty,
    /// The selection is larger than a plan may be.
    PlanTooLarge,
    /// A live plan over many cards needs a reason.
    ReasonMissing,
    /// A backup that cannot be read, or belongs to another desk.
    BackupUnusable,
    /// A file that cannot be written or read.
    FileUnusable,
    /// The ledger is older than the one last used here: a person has to say how to go on first.
    LedgerOlder,
    /// The new credentials open something else than this account.
    OtherScope,
    /// The card is being deleted or is gone; it cannot be switched.
    CardNotSwitchable,
    /// The account has taught that it does not do this.
    NotPossibleHere,
    /// Deleting needs its confirmation: the last four, or the end of the id.
    ConfirmationMissing,
    /// A reason longer than allowed.
    ReasonTooLong,
    /// Another process holds this data folder.
    DeskInUse,
    /// The database key does not open the ledger.
    LedgerKeyWrong,
    /// The files were written by a newer version.
    NewerVersion,
    /// The ledger is damaged.
    LedgerDamaged,
    /// No room on the disk.
    DiskFull,
    /// The keychain is locked.
    KeychainLocked,
    /// There is no keychain on this computer.
    KeychainAbsent,
    /// The keychain did not answer in time.
    KeychainSlow,
    /// The databases are here, their key is not.
    KeyMissing,
    /// The folder's secrets are kept the other way.
    SecretsElsewhere,
    /// The passphrase does not open the sealed file.
    PassphraseWrong,
    /// The passphrase file can be read by others, is empty or cannot be read.
    PassphraseFile,
    /// The data folder cannot be used.
    DataFolder,
    /// Our own fault. Nothing was changed.
    Internal,
}

/// A problem at the border.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Problem {
    /// What went wrong.
    pub code: ProblemCode,
    /// Who refused what, in one sentence.
    pub title: String,
    /// What still works, what was kept. May be empty.
    pub detail: String,
    /// What to do next. May be empty.
    pub hint: String,
    /// Whether the same request may work later without anybody changing anything.
    pub retryable: bool,
    /// The provider's error id, for its support.
    pub request_id: Option<String>,
    /// The input field it concerns, where there is one.
    pub field: Option<String>,
    /// Values the texts were made from, so that a screen can say it in another language.
    pub params: BTreeMap<String, String>,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.title)
    }
}

impl std::error::Error for Problem {}

//! What can be typed after `tdesk`.

pub mod systems;

use crate::words::help;
use crate::words::help::systems as more;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use tokendesk_desk::contract::Env;

/// The whole command line. Global options come before the command.
#[derive(Parser)]
#[command(name = "tdesk", version, about = help::ABOUT, after_help = help::AFTER)]
pub struct Cli {
    #[command(flatten)]
    pub place: Place,
    #[arg(long, value_name = "ENV", help = help::ENV)]
    pub env: Option<EnvWord>,
    #[arg(long, help = help::JSON)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

/// Where the desk is.
#[derive(Args)]
pub struct Place {
    #[arg(long, value_name = "FOLDER", help = help::DATA_DIR)]
    pub data_dir: Option<PathBuf>,
    #[arg(long, value_name = "FILE", help = help::PASSPHRASE_FILE)]
    pub passphrase_file: Option<PathBuf>,
}

/// An environment, as typed.
#[derive(Clone, Copy, ValueEnum)]
pub enum EnvWord {
    Demo,
    Test,
    Live,
}

impl From<EnvWord> for Env {
    fn from(word: EnvWord) -> Self {
        match word {
            EnvWord::Demo => Self::Demo,
            EnvWord::Test => Self::Test,
            EnvWord::Live => Self::Live,
        }
    }
}

/// On or off, as typed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnOff {
    On,
    Off,
}

/// A note of this desk, as typed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum NoteValue {
    On,
    Off,
    Clear,
}

/// What a note of this desk is about, as typed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum NoteField {
    Active,
    OneClick,
}

/// The call a verification goes through, as typed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Through {
    #[value(name = "token_authorize")]
    TokenAuthorize,
    Authorize,
}

impl Through {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::TokenAuthorize => "token_authorize",
            Self::Authorize => "authorize",
        }
    }
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    #[command(subcommand, about = help::ACCOUNT)]
    Account(Account),
    #[command(about = help::SYNC)]
    Sync {
        #[arg(long, value_name = "ACCOUNT", help = help::ONLY_ACCOUNT)]
        account: Option<String>,
        #[arg(long, help = help::FULL)]
        full: bool,
    },
    #[command(about = help::FIND)]
    Find {
        #[arg(required = true, value_name = "TEXT", help = help::TEXT)]
        text: Vec<String>,
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200), help = help::LIMIT_200)]
        limit: u32,
        #[arg(long, value_name = "CURSOR", help = help::AFTER_CURSOR)]
        after: Option<String>,
    },
    #[command(about = help::CARDS)]
    Cards {
        #[arg(value_name = "QUERY", help = help::TEXT)]
        query: Vec<String>,
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000), help = help::LIMIT_1000)]
        limit: u32,
        #[arg(long, value_name = "CURSOR", help = help::AFTER_CURSOR)]
        after: Option<String>,
        #[arg(long, value_name = "ACCOUNT", help = help::ONLY_ACCOUNT)]
        account: Option<String>,
    },
    #[command(subcommand, about = help::CARD)]
    Card(Card),
    #[command(subcommand, about = more::CUSTOMERS)]
    Customer(systems::Customer),
    #[command(subcommand, about = more::DIRECTORY)]
    Directory(systems::Directory),
    #[command(subcommand, about = more::FLOWS)]
    Flow(systems::FlowCommand),
    #[command(about = more::WHAT_IS)]
    WhatIs {
        #[arg(value_name = "ID", help = more::PASTED)]
        text: String,
        #[arg(long, value_name = "ACCOUNT", help = more::LIVE_LOOK)]
        live: Option<String>,
    },
    #[command(subcommand, about = help::CHANGES)]
    Changes(Changes),
    #[command(subcommand, about = help::PLAN)]
    Plan(Plan),
    #[command(about = help::RUN)]
    Run {
        #[arg(value_name = "PLAN", help = help::PLAN_ID)]
        plan: String,
        #[arg(long, value_name = "TEXT", help = help::RUN_CONFIRM)]
        confirm: Option<String>,
        #[arg(long, value_name = "TEXT", help = help::REASON)]
        reason: Option<String>,
    },
    #[command(subcommand, about = help::LOG)]
    Log(Log),
    #[command(subcommand, about = help::BACKUP)]
    Backup(Backup),
    #[command(subcommand, about = help::CACHE)]
    Cache(Cache),
    #[command(subcommand, about = help::DEMO)]
    Demo(Demo),
}

#[derive(Subcommand)]
pub enum Account {
    #[command(about = help::ACCOUNT_ADD)]
    Add(systems::AddAccount),
    #[command(about = more::ACCOUNT_SYSTEMS)]
    Systems,
    #[command(about = help::ACCOUNT_LIST)]
    List,
    #[command(about = help::ACCOUNT_CHECK)]
    Check {
        #[arg(value_name = "ACCOUNT", help = help::ACCOUNT_NAME)]
        account: String,
    },
    #[command(about = help::ACCOUNT_REPLACE)]
    Replace {
        #[arg(value_name = "ACCOUNT", help = help::ACCOUNT_NAME)]
        account: String,
        #[arg(long, value_name = "NUMBER", default_value = "", hide_default_value = true, help = help::USER)]
        user: String,
        #[arg(long, value_name = "KEY", help = more::PUBLISHABLE_KEY)]
        publishable_key: Option<String>,
        #[arg(skip)]
        key: String,
    },
    #[command(about = help::ACCOUNT_REMOVE)]
    Remove {
        #[arg(value_name = "ACCOUNT", help = help::ACCOUNT_NAME)]
        account: String,
        #[arg(long, help = more::DISCARD_CHANGES)]
        discard_changes: bool,
    },
    #[command(about = more::ACCOUNT_CAN)]
    Can {
        #[arg(value_name = "ACCOUNT", help = help::ACCOUNT_NAME)]
        account: String,
    },
    #[command(about = more::ACCOUNT_PAUSE)]
    Pause {
        #[arg(value_name = "ACCOUNT", help = help::ACCOUNT_NAME)]
        account: String,
    },
    #[command(about = more::ACCOUNT_RESUME)]
    Resume {
        #[arg(value_name = "ACCOUNT", help = help::ACCOUNT_NAME)]
        account: String,
    },
    #[command(about = more::ACCOUNT_READ_ONLY)]
    ReadOnly {
        #[arg(value_name = "ACCOUNT", help = help::ACCOUNT_NAME)]
        account: String,
        #[arg(value_name = "on|off", hide_possible_values = true, help = help::ON_OFF)]
        to: OnOff,
    },
    #[command(about = more::ALLOW_VERIFICATION)]
    AllowVerification {
        #[arg(value_name = "ACCOUNT", help = help::ACCOUNT_NAME)]
        account: String,
        #[arg(value_name = "on|off", hide_possible_values = true, help = help::ON_OFF)]
        to: OnOff,
    },
    #[command(about = help::ACCOUNT_FORGET)]
    ForgetLesson {
        #[arg(value_name = "ACCOUNT", help = help::ACCOUNT_NAME)]
        account: String,
    },
}

#[derive(Subcommand)]
pub enum Card {
    #[command(about = help::CARD_SHOW)]
    Show {
        #[arg(value_name = "CARD", help = help::CARD_ID)]
        card: String,
    },
    #[command(about = help::CARD_ONE_CLICK)]
    OneClick {
        #[arg(value_name = "CARD", help = help::CARD_ID)]
        card: String,
        #[arg(value_name = "on|off", hide_possible_values = true, help = help::ON_OFF)]
        to: OnOff,
    },
    #[command(about = help::CARD_ACTIVATE)]
    Activate {
        #[arg(value_name = "CARD", help = help::CARD_ID)]
        card: String,
        #[arg(long, value_name = "TEXT", help = help::REASON)]
        reason: Option<String>,
    },
    #[command(about = help::CARD_DEACTIVATE)]
    Deactivate {
        #[arg(value_name = "CARD", help = help::CARD_ID)]
        card: String,
        #[arg(long, value_name = "TEXT", help = help::REASON)]
        reason: Option<String>,
    },
    #[command(about = help::CARD_DELETE)]
    Delete {
        #[arg(value_name = "CARD", help = help::CARD_ID)]
        card: String,
        #[arg(long, required = true, help = help::DELETE_YES)]
        yes: bool,
        #[arg(long, value_name = "TEXT", help = help::REASON)]
        reason: Option<String>,
        #[arg(long, value_name = "LAST4", help = help::CONFIRM)]
        confirm: Option<String>,
    },
    #[command(about = more::CARD_DEFAULT)]
    Default {
        #[arg(value_name = "CARD", help = help::CARD_ID)]
        card: String,
    },
    #[command(about = more::CARD_NOTE)]
    Note {
        #[arg(value_name = "CARD", help = help::CARD_ID)]
        card: String,
        #[arg(value_name = "active|one-click", hide_possible_values = true, help = more::NOTE_FIELD)]
        field: NoteField,
        #[arg(value_name = "on|off|clear", hide_possible_values = true, help = more::NOTE_VALUE)]
        value: NoteValue,
    },
    #[command(about = more::CARD_DELETION)]
    Deletion {
        #[arg(value_name = "CARD", help = help::CARD_ID)]
        card: String,
    },
    #[command(about = more::CARD_VERIFY)]
    Verify {
        #[arg(value_name = "CARD", help = help::CARD_ID)]
        card: String,
        #[arg(long, value_name = "AMOUNT", requires_all = ["currency", "confirm"], help = more::AMOUNT)]
        amount: Option<String>,
        #[arg(long, value_name = "CURRENCY", requires = "amount", help = more::CURRENCY)]
        currency: Option<String>,
        #[arg(long, value_name = "CALL", default_value = "token_authorize", hide_possible_values = true, help = more::THROUGH)]
        through: Through,
        #[arg(long, value_name = "WORD", requires = "amount", help = more::CONFIRM_VERIFY)]
        confirm: Option<String>,
        #[arg(long, value_name = "TEXT", requires = "amount", help = help::REASON)]
        reason: Option<String>,
    },
    #[command(about = more::CARD_REFUND)]
    Refund {
        #[arg(value_name = "VERIFICATION", help = more::VERIFICATION)]
        verification: String,
    },
    #[command(about = more::CARD_NEW_DETAILS)]
    NewDetails {
        #[arg(value_name = "CARD", help = help::CARD_ID)]
        card: String,
    },
    #[command(about = more::CARD_REMOVE_HERE)]
    RemoveHere {
        #[arg(value_name = "CARD", help = help::CARD_ID)]
        card: String,
        #[arg(long, required = true, help = more::REMOVE_YES)]
        yes: bool,
    },
    #[command(about = more::CARD_CREATE)]
    Create {
        #[arg(value_name = "ACCOUNT", help = help::ACCOUNT_NAME)]
        account: String,
        #[arg(long, value_name = "ID", help = more::CUSTOMER_OF_TOKEN)]
        customer: Option<String>,
        #[arg(long, value_name = "EMAIL", help = more::EMAIL)]
        email: Option<String>,
        #[arg(long, value_name = "TEXT", help = more::REFERENCE)]
        reference: Option<String>,
        #[arg(long, value_name = "ID", help = more::EXTERNAL_ID)]
        external_id: Option<String>,
    },
}

#[derive(Subcommand)]
pub enum Changes {
    #[command(about = help::CHANGES_LIST)]
    List {
        #[arg(long, help = help::CHANGES_ALL)]
        all: bool,
    },
    #[command(about = help::CHANGES_PUSH)]
    Push,
    #[command(about = help::CHANGES_UNDO)]
    Undo {
        #[arg(value_name = "CHANGE", help = help::CHANGE_ID)]
        change: String,
    },
    #[command(about = help::CHANGES_RESOLVE)]
    Resolve {
        #[arg(value_name = "CHANGE", help = help::CHANGE_ID)]
        change: String,
        #[arg(long, value_name = "mine|theirs", hide_possible_values = true, help = help::KEEP)]
        keep: Side,
    },
    #[command(about = help::CHANGES_RETRY)]
    Retry {
        #[arg(value_name = "CHANGE", help = help::CHANGE_ID)]
        change: String,
    },
    #[command(about = help::CHANGES_DISCARD)]
    Discard {
        #[arg(value_name = "CHANGE", help = help::CHANGE_ID)]
        change: String,
    },
}

/// Which side of a conflict stands, as typed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Side {
    Mine,
    Theirs,
}

#[derive(Subcommand)]
pub enum Plan {
    #[command(about = help::PLAN_ONE_CLICK)]
    OneClick {
        #[arg(value_name = "on|off", hide_possible_values = true, help = help::ON_OFF)]
        to: OnOff,
        #[arg(required = true, value_name = "QUERY", help = help::TEXT)]
        query: Vec<String>,
    },
    #[command(about = help::PLAN_ACTIVATE)]
    Activate {
        #[arg(required = true, value_name = "QUERY", help = help::TEXT)]
        query: Vec<String>,
    },
    #[command(about = help::PLAN_DEACTIVATE)]
    Deactivate {
        #[arg(required = true, value_name = "QUERY", help = help::TEXT)]
        query: Vec<String>,
    },
    #[command(about = help::PLAN_DELETE)]
    Delete {
        #[arg(required = true, value_name = "QUERY", help = help::TEXT)]
        query: Vec<String>,
    },
    #[command(about = help::PLAN_LIST)]
    List,
    #[command(about = help::PLAN_SHOW)]
    Show {
        #[arg(value_name = "PLAN", help = help::PLAN_ID)]
        plan: String,
    },
    #[command(about = help::PLAN_STOP)]
    Stop {
        #[arg(value_name = "PLAN", help = help::PLAN_ID)]
        plan: String,
    },
}

/// Which rows of the log.
#[derive(Args)]
pub struct LogWhich {
    #[arg(long, value_name = "ACCOUNT", help = help::ONLY_ACCOUNT)]
    pub account: Option<String>,
    #[arg(long, value_name = "CARD", help = help::CARD_ID)]
    pub card: Option<String>,
    #[arg(long, value_name = "GROUP", help = help::LOG_GROUP)]
    pub group: Vec<String>,
    #[arg(long, value_name = "OUTCOME", help = help::LOG_OUTCOME)]
    pub outcome: Vec<String>,
    #[arg(long, value_name = "TEXT", help = help::LOG_TEXT)]
    pub text: Option<String>,
    #[arg(long, value_name = "TIME", help = help::LOG_FROM)]
    pub from: Option<String>,
    #[arg(long, value_name = "TIME", help = help::LOG_UNTIL)]
    pub until: Option<String>,
}

/// How a file is written.
#[derive(Clone, Copy, ValueEnum)]
pub enum FileFormat {
    Csv,
    Jsonl,
}

impl FileFormat {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }
}

#[derive(Subcommand)]
pub enum Log {
    #[command(about = help::LOG_LIST)]
    List {
        #[command(flatten)]
        which: LogWhich,
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500), help = help::LIMIT_500)]
        limit: u32,
        #[arg(long, value_name = "CURSOR", help = help::AFTER_CURSOR)]
        after: Option<String>,
    },
    #[command(about = help::LOG_VERIFY)]
    Verify,
    #[command(about = help::LOG_EXPORT)]
    Export {
        #[arg(long, value_name = "FILE", help = help::EXPORT_TO)]
        to: PathBuf,
        #[arg(long, value_name = "FORMAT", default_value = "csv", help = help::EXPORT_FORMAT)]
        format: FileFormat,
        #[command(flatten)]
        which: LogWhich,
    },
}

#[derive(Subcommand)]
pub enum Backup {
    #[command(about = help::BACKUP_LIST)]
    List,
    #[command(about = help::BACKUP_MAKE)]
    Make {
        #[arg(long, value_name = "FILE", help = help::BACKUP_TO)]
        to: Option<PathBuf>,
    },
    #[command(about = help::BACKUP_RESTORE)]
    Restore {
        #[arg(value_name = "FILE", help = help::BACKUP_FILE)]
        file: PathBuf,
        #[arg(long, required = true, help = help::RESTORE_YES)]
        yes: bool,
    },
}

#[derive(Subcommand)]
pub enum Cache {
    #[command(about = help::CACHE_REBUILD)]
    Rebuild {
        #[arg(long, required = true, help = help::REBUILD_YES)]
        yes: bool,
    },
}

#[derive(Subcommand)]
pub enum Demo {
    #[command(about = help::DEMO_START)]
    Start,
}

impl Command {
    /// Whether it works beside another program that holds the data folder.
    pub fn only_reads(&self) -> bool {
        matches!(
            self,
            Self::Find { .. }
                | Self::Cards { .. }
                | Self::Card(Card::Show { .. })
                | Self::Account(Account::List | Account::Systems | Account::Can { .. })
                | Self::Directory(systems::Directory::List { .. })
                | Self::WhatIs { live: None, .. }
                | Self::Flow(
                    systems::FlowCommand::List { .. }
                        | systems::FlowCommand::Show { .. }
                        | systems::FlowCommand::Runs { .. }
                        | systems::FlowCommand::Tokens { .. }
                )
                | Self::Changes(Changes::List { .. })
                | Self::Plan(Plan::List | Plan::Show { .. })
                | Self::Log(_)
                | Self::Backup(Backup::List)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn only_what_changes_nothing_may_share_a_folder() {
        let of = |line: &[&str]| Cli::try_parse_from(line).ok().unwrap().command.only_reads();
        for line in [
            &["tdesk", "find", "ada"][..],
            &["tdesk", "cards"],
            &["tdesk", "card", "show", "x"],
            &["tdesk", "account", "list"],
            &["tdesk", "account", "can", "x"],
            &["tdesk", "directory", "list", "x"],
            &["tdesk", "what-is", "x"],
            &["tdesk", "flow", "list", "x"],
            &["tdesk", "flow", "runs", "x"],
            &["tdesk", "flow", "show", "x"],
            &["tdesk", "flow", "tokens", "x"],
            &["tdesk", "changes", "list"],
            &["tdesk", "plan", "list"],
            &["tdesk", "plan", "show", "x"],
        ] {
            assert!(of(line), "{line:?}");
        }
        for line in [
            &["tdesk", "sync"][..],
            &["tdesk", "account", "check", "x"],
            &["tdesk", "card", "one-click", "x", "off"],
            &["tdesk", "card", "delete", "x", "--yes"],
            &["tdesk", "card", "deletion", "x"],
            &["tdesk", "card", "verify", "x"],
            &["tdesk", "card", "note", "x", "active", "off"],
            &["tdesk", "account", "pause", "x"],
            &["tdesk", "directory", "import", "x", "y.csv"],
            &["tdesk", "what-is", "x", "--live", "y"],
            &["tdesk", "flow", "begin", "x", "y"],
            &["tdesk", "flow", "run", "x", "y"],
            &["tdesk", "flow", "step", "x"],
            &["tdesk", "changes", "push"],
            &["tdesk", "changes", "undo", "x"],
            &["tdesk", "plan", "one-click", "off", "state:active"],
            &["tdesk", "run", "x"],
            &["tdesk", "cache", "rebuild", "--yes"],
        ] {
            assert!(!of(line), "{line:?}");
        }
    }

    /// The words of a line as a shell would hand them over: quotes, comments and redirections; of `a|b` the first.
    fn words(line: &str) -> Vec<String> {
        let mut words = Vec::new();
        let mut quote = None;
        let mut word: Option<String> = None;
        for sign in line.chars() {
            match (quote, sign) {
                (Some(open), _) if sign == open => quote = None,
                (None, '"' | '\'') => {
                    quote = Some(sign);
                    word.get_or_insert_default();
                }
                (None, '#' | '<') if word.is_none() => break,
                (None, ' ') => words.extend(word.take()),
                _ => word.get_or_insert_default().push(sign),
            }
        }
        words.extend(word);
        words
            .into_iter()
            .map(|word| word.split('|').next().unwrap_or_default().to_owned())
            .collect()
    }

    #[test]
    fn every_command_of_the_readme_is_one() {
        let readme = include_str!("../../../../README.md");
        let lines: Vec<&str> = readme.lines().filter(|line| line.starts_with("tdesk ")).collect();
        assert!(lines.len() > 30, "{}", lines.len());
        for line in lines {
            let parsed = Cli::try_parse_from(words(line));
            assert!(
                parsed.is_ok(),
                "{line}: {}",
                parsed.err().map(|e| e.to_string()).unwrap_or_default()
            );
        }
    }
}

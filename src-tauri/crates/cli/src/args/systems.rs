//! What can be typed about payment systems: connecting, directories, flows of the test bench, and acting at once.

use super::EnvWord;
use crate::words::help::systems as help;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// An account to connect. Its secret comes from standard input.
#[derive(Args)]
pub struct AddAccount {
    #[arg(value_name = "PROVIDER", help = help::PROVIDER)]
    pub provider: String,
    #[arg(long, value_name = "NAME", help = crate::words::help::LABEL)]
    pub label: String,
    #[arg(long, value_name = "HOST", default_value = "", hide_default_value = true, help = help::HOST)]
    pub host: String,
    #[arg(long, value_name = "NUMBER", conflicts_with = "project", help = crate::words::help::SPACE)]
    pub space: Option<String>,
    #[arg(long, value_name = "PROJECT", help = help::PROJECT)]
    pub project: Option<String>,
    #[arg(long, value_name = "NUMBER", default_value = "", hide_default_value = true, help = crate::words::help::USER)]
    pub user: String,
    #[arg(long, value_name = "CONNECTOR", help = help::CONNECTOR)]
    pub connector: Option<String>,
    #[arg(long, value_name = "KEY", help = help::PUBLISHABLE_KEY)]
    pub publishable_key: Option<String>,
    #[arg(long, value_name = "ENV", hide_possible_values = true, help = crate::words::help::ADD_ENV)]
    pub env: EnvWord,
    #[arg(long, help = help::READ_ONLY)]
    pub read_only: bool,
    #[arg(skip)]
    pub key: String,
}

/// Customers and tokens that a payment system cannot list.
#[derive(Subcommand)]
pub enum Directory {
    #[command(about = help::DIRECTORY_IMPORT)]
    Import {
        #[arg(value_name = "ACCOUNT", help = crate::words::help::ACCOUNT_NAME)]
        account: String,
        #[arg(value_name = "FILE.csv", help = help::FILE)]
        file: PathBuf,
        #[arg(long = "column", value_name = "FIELD=NAME", help = help::COLUMN)]
        columns: Vec<String>,
        #[arg(long, help = help::DRY_RUN)]
        dry_run: bool,
        #[arg(long, help = help::TOKENS_CONFIRMED)]
        tokens_confirmed: bool,
    },
    #[command(about = help::DIRECTORY_ADD)]
    Add {
        #[arg(value_name = "ACCOUNT", help = crate::words::help::ACCOUNT_NAME)]
        account: String,
        #[arg(value_name = "CUSTOMER", default_value = "", hide_default_value = true, help = help::CUSTOMER_OR_NONE)]
        customer: String,
        #[arg(long, value_name = "EMAIL", help = help::EMAIL)]
        email: Option<String>,
        #[arg(long, value_name = "NAME", help = help::NAME)]
        name: Option<String>,
        #[arg(long, value_name = "TOKEN", help = help::TOKEN)]
        token: Option<String>,
        #[arg(long, help = help::TOKENS_CONFIRMED)]
        tokens_confirmed: bool,
    },
    #[command(about = help::DIRECTORY_LIST)]
    List {
        #[arg(value_name = "ACCOUNT", help = crate::words::help::ACCOUNT_NAME)]
        account: String,
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500), help = crate::words::help::LIMIT_500)]
        limit: u32,
        #[arg(long, value_name = "CURSOR", help = crate::words::help::AFTER_CURSOR)]
        after: Option<String>,
    },
    #[command(about = help::DIRECTORY_REMOVE)]
    Remove {
        #[arg(value_name = "ACCOUNT", help = crate::words::help::ACCOUNT_NAME)]
        account: String,
        #[arg(value_name = "CUSTOMER", help = help::CUSTOMER)]
        customer: String,
    },
}

/// The test bench.
#[derive(Subcommand)]
pub enum FlowCommand {
    #[command(about = help::FLOW_LIST)]
    List {
        #[arg(value_name = "ACCOUNT", help = crate::words::help::ACCOUNT_NAME)]
        account: String,
    },
    #[command(about = help::FLOW_RUN)]
    Run {
        #[arg(value_name = "ACCOUNT", help = crate::words::help::ACCOUNT_NAME)]
        account: String,
        #[arg(value_name = "FLOW", help = help::FLOW)]
        flow: String,
        #[arg(long = "choose", value_name = "[STEP.]CHOICE=VALUE", help = help::CHOOSE)]
        choose: Vec<String>,
        #[arg(long = "skip", value_name = "STEP", help = help::SKIP)]
        skip: Vec<String>,
    },
    #[command(about = help::FLOW_BEGIN)]
    Begin {
        #[arg(value_name = "ACCOUNT", help = crate::words::help::ACCOUNT_NAME)]
        account: String,
        #[arg(value_name = "FLOW", help = help::FLOW)]
        flow: String,
    },
    #[command(about = help::FLOW_STEP)]
    Step {
        #[arg(value_name = "RUN", help = help::RUN)]
        run: String,
        #[arg(value_name = "STEP", help = help::STEP)]
        step: Option<String>,
        #[arg(long = "choose", value_name = "CHOICE=VALUE", help = help::CHOOSE)]
        choose: Vec<String>,
    },
    #[command(about = help::FLOW_SHOW)]
    Show {
        #[arg(value_name = "RUN", help = help::RUN)]
        run: String,
    },
    #[command(about = help::FLOW_RUNS)]
    Runs {
        #[arg(value_name = "ACCOUNT", help = crate::words::help::ACCOUNT_NAME)]
        account: String,
    },
    #[command(about = help::FLOW_TOKENS)]
    Tokens {
        #[arg(value_name = "ACCOUNT", help = crate::words::help::ACCOUNT_NAME)]
        account: String,
    },
}

/// Whole customer records.
#[derive(Subcommand)]
pub enum Customer {
    #[command(about = help::CUSTOMER_DELETE)]
    Delete {
        #[arg(value_name = "ACCOUNT", help = crate::words::help::ACCOUNT_NAME)]
        account: String,
        #[arg(value_name = "CUSTOMER", help = help::CUSTOMER)]
        customer: String,
        #[arg(long, value_name = "END", help = help::CONFIRM_END)]
        confirm: String,
        #[arg(long, value_name = "TEXT", help = crate::words::help::REASON)]
        reason: Option<String>,
    },
    #[command(about = help::FORGET_ONE_CLICK)]
    ForgetOneClick {
        #[arg(value_name = "ACCOUNT", help = crate::words::help::ACCOUNT_NAME)]
        account: String,
        #[arg(value_name = "CUSTOMER", help = help::EXTERNAL_CUSTOMER)]
        customer: String,
    },
}

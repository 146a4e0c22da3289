//! What `tdesk --help` says.

pub mod systems;

pub const ABOUT: &str = "Saved cards of your customers, from the terminal.";
pub const AFTER: &str = "Global options stand before the command: tdesk --json find ada\n\
    Problems go to standard error. Exit code 1: a problem; 2: the command line is wrong.\n\
    TOKENDESK_LOG=debug writes a log to standard error.";
pub const ENV: &str = "Which environment; needed where accounts of several are connected";
pub const JSON: &str = "Answer in JSON with stable field names";
pub const DATA_DIR: &str = "Data folder; also TOKENDESK_DATA_DIR. Without it, that of the window";
pub const PASSPHRASE_FILE: &str = "Keys are in a file sealed by the passphrase in FILE, not in the keychain; also TOKENDESK_PASSPHRASE_FILE";

pub const ACCOUNT: &str = "Connect, list, test, pause and remove accounts";
pub const ACCOUNT_ADD: &str = "Connect an account; its secret is read from standard input";
pub const LABEL: &str = "Its name on this desk";
pub const SPACE: &str = "wallee: space id";
pub const USER: &str = "wallee: application user id";
pub const ADD_ENV: &str = "demo (on this computer only), test or live";
pub const ACCOUNT_LIST: &str = "List accounts";
pub const ACCOUNT_CHECK: &str = "Test an account; it only reads";
pub const ACCOUNT_REMOVE: &str = "Remove an account from this desk; nothing changes at its payment system";
pub const ACCOUNT_FORGET: &str =
    "Forget whether active and inactive can be set there, and try again next time";
pub const ACCOUNT_NAME: &str = "Its id, or its name";

pub const SYNC: &str = "Read accounts";
pub const ONLY_ACCOUNT: &str = "Only this account, by id or name";
pub const FULL: &str = "Begin a new complete pass, even if one is unfinished or recent";

pub const FIND: &str =
    "Find people by any part of an email, a name, a reference, an id or the last four digits";
pub const CARDS: &str = "List cards, newest first";
pub const TEXT: &str = "Words, and filters such as state:inactive brand:visa exp:<2027-03 one-click:off";
pub const LIMIT_200: &str = "At most this many, up to 200";
pub const LIMIT_1000: &str = "At most this many, up to 1000";
pub const AFTER_CURSOR: &str = "The next page, as named at the end of the one before";

pub const CARD: &str = "Show a card, switch it, verify it, delete it";
pub const CARD_ID: &str = "Its id, as listed by cards";
pub const CARD_SHOW: &str = "Everything known of a card";
pub const CARD_ONE_CLICK: &str = "Switch one-click on or off";
pub const ON_OFF: &str = "on or off";
pub const CARD_ACTIVATE: &str = "Ask for the state active";
pub const CARD_DEACTIVATE: &str = "Ask for the state inactive";
pub const CARD_DELETE: &str = "Delete a card at its payment system, for good";
pub const DELETE_YES: &str = "Yes, delete it";
pub const CONFIRM: &str = "For a live card: its last four digits, or the end of its id where none are known";
pub const REASON: &str = "Why, for the log; at most 255 characters";

pub const CHANGES: &str = "Changes on their way";
pub const CHANGES_LIST: &str = "List changes, newest first";
pub const CHANGES_ALL: &str = "Those that have ended too";
pub const CHANGES_PUSH: &str = "Send what is held or waits, now";
pub const CHANGES_UNDO: &str = "Take back a change that was not sent; what it replaced stands again";
pub const CHANGES_RESOLVE: &str = "Decide a conflict";
pub const KEEP: &str = "mine sends the change all the same; theirs leaves the card as it is";
pub const CHANGES_RETRY: &str = "Send a stuck change again";
pub const CHANGES_DISCARD: &str = "Give up a change; one that was tried may have been done";
pub const CHANGE_ID: &str = "Its id, as listed by changes list";

pub const PLAN: &str = "Plan one change over many cards; nothing is changed before it runs";
pub const PLAN_ONE_CLICK: &str = "Switch one-click on or off for every card found";
pub const PLAN_ACTIVATE: &str = "Ask for the state active for every card found";
pub const PLAN_DEACTIVATE: &str = "Ask for the state inactive for every card found";
pub const PLAN_DELETE: &str = "Delete every card found at its payment system, for good";
pub const PLAN_LIST: &str = "List plans, newest first";
pub const PLAN_SHOW: &str = "Show a plan and how far it is";
pub const PLAN_STOP: &str = "Stop a plan; what was not sent is taken back";
pub const PLAN_ID: &str = "Its id, as printed by plan";
pub const RUN: &str = "Run a plan, or go on with a stopped one, and wait for its end";
pub const RUN_CONFIRM: &str = "What the plan asks to be typed";

pub const LOG: &str = "What happened on this desk: list it, check it, write it into a file";
pub const LOG_LIST: &str = "List rows of the log, newest first; reading it is itself written into it";
pub const LOG_VERIFY: &str =
    "Check that no row was edited, removed, inserted or moved; exit code 1 if one was";
pub const LOG_EXPORT: &str = "Write rows of the log into a new file";
pub const LOG_GROUP: &str = "Only changes, reading, people, plans, accounts, desk or log; may be repeated";
pub const LOG_OUTCOME: &str = "Only ok, asked, refused, failed or conflict; may be repeated";
pub const LOG_TEXT: &str = "Part of who, of a reason or of a request id";
pub const LOG_FROM: &str = "From this time, such as 2026-11-21T14:00:00Z";
pub const LOG_UNTIL: &str = "Before this time";
pub const LIMIT_500: &str = "At most this many, up to 500";
pub const EXPORT_TO: &str = "The file; one that exists is not touched";
pub const EXPORT_FORMAT: &str = "csv or jsonl";
pub const BACKUP: &str = "Backups of the ledger: accounts, changes and the log";
pub const BACKUP_LIST: &str = "List the backups in the data folder";
pub const BACKUP_MAKE: &str = "Make a backup; it opens only with this desk's key";
pub const BACKUP_TO: &str = "The file; without it, one in the data folder";
pub const BACKUP_RESTORE: &str =
    "Put a backup in the ledger's place; what stands there now is kept as a backup";
pub const BACKUP_FILE: &str = "The backup, as listed";
pub const RESTORE_YES: &str = "Yes, put it in the ledger's place";
pub const ACCOUNT_REPLACE: &str = "Replace an account's credentials; the key is read from standard input";

pub const CACHE: &str = "The local copy";
pub const CACHE_REBUILD: &str = "Throw the copy away and read everything again; accounts and changes stay";
pub const REBUILD_YES: &str = "Yes, throw the copy away";
pub const DEMO: &str = "The built-in demo";
pub const DEMO_START: &str = "Connect the demo, which runs on this computer";

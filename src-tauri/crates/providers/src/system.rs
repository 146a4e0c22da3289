//! The one door to every payment system.

use crate::error::ProviderError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use std::time::Duration;
use tokendesk_model::capability::Capabilities;
use tokendesk_model::{Environment, Lesson, Origin, TokenSnapshot, VersionSnapshot};

/// What is needed to speak for one account.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Where; already checked against the environment.
    pub origin: Origin,
    /// Decides which addresses the name may lead to.
    pub environment: Environment,
    /// wallee: space id, decimal.
    pub scope: String,
    /// wallee: application user id, decimal.
    pub user: String,
    /// wallee: the authentication key, standard base64.
    pub key: SecretString,
}

/// How to speak HTTP. Passed in, so that tests can shorten and extend it; production uses the default.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// Whole time of one request.
    pub timeout: Duration,
    /// Certificates trusted beside the system's, PEM. Tests only: production never sets it.
    pub extra_root_pem: Option<String>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(25),
            extra_root_pem: None,
        }
    }
}

/// One page of a cursor walk.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// In ascending order of the provider's ids.
    pub items: Vec<T>,
    /// Pass as `after` for the next page; `None` when this was the last one.
    pub next: Option<String>,
    /// Objects of this page that could not be read; counted, never silently dropped.
    pub unreadable: usize,
}

/// How to ask for the tokens of one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomerLookup<'a> {
    /// By the merchant's customer id.
    CustomerId(&'a str),
    /// By email, as the provider stores it.
    Email(&'a str),
}

/// What a connection test looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckStep {
    /// The host answers, encrypted where it must be.
    Reach,
    /// The key is accepted.
    SignIn,
    /// The space exists and this user may see it.
    Scope,
    /// Tokens may be listed.
    ReadTokens,
    /// Token versions may be listed (card facts).
    ReadVersions,
    /// Search by customer is allowed; without it new cards of a customer may be missing after a refresh.
    Search,
    /// Every version seen belongs to the environment chosen.
    Environment,
    /// This computer's clock and the provider's agree.
    Clock,
}

/// How one step went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckOutcome {
    /// As it should be. The text is a fact worth showing (a space's name, a number of cards), never a secret.
    Works(Option<String>),
    /// The account works without it; the reason.
    Limited(ProviderError),
    /// The account does not work.
    Fails(ProviderError),
    /// A production version was found: the account is live, whatever was chosen.
    IsLive,
    /// Seconds this computer is ahead (negative: behind).
    ClockAhead(i64),
    /// Not tried, because an earlier step failed.
    NotTried,
}

/// One line of a connection test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckItem {
    /// What was looked at.
    pub step: CheckStep,
    /// How it went.
    pub outcome: CheckOutcome,
    /// How long it took.
    pub took: Duration,
}

/// A whole connection test. It reads only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// In the order tried.
    pub items: Vec<CheckItem>,
    /// When it was finished.
    pub at: DateTime<Utc>,
    /// Whether any version seen is a production one.
    pub production_seen: bool,
}

impl CheckReport {
    /// The first failure, if the account does not work.
    pub fn failure(&self) -> Option<&ProviderError> {
        self.items.iter().find_map(|item| match &item.outcome {
            CheckOutcome::Fails(error) => Some(error),
            _ => None,
        })
    }
}

/// A payment system, spoken to for one account. Every method is one request unless it says otherwise; none retries.
///
/// Ids are the provider's own. All errors are [`ProviderError`].
#[async_trait]
pub trait PaymentSystem: Send + Sync {
    /// What the account can do, given what it has taught so far.
    fn capabilities(&self, lesson: Lesson) -> Capabilities;

    /// Tries every reading call and says what works. Several requests.
    async fn check(&self) -> CheckReport;

    /// A page of all tokens after `after`, oldest first. `limit` is 1 to 100.
    async fn list_tokens(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<TokenSnapshot>, ProviderError>;

    /// A page of all token versions after `after`, oldest first.
    async fn list_versions(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<VersionSnapshot>, ProviderError>;

    /// One token; `None` only for a 404.
    async fn read_token(&self, remote_id: &str) -> Result<Option<TokenSnapshot>, ProviderError>;

    /// The version in use; `None` when the token has none.
    async fn active_version(&self, token_remote_id: &str) -> Result<Option<VersionSnapshot>, ProviderError>;

    /// Every version of one token. May need several requests.
    async fn versions_of(&self, token_remote_id: &str) -> Result<Vec<VersionSnapshot>, ProviderError>;

    /// Every token of one customer. May need several requests.
    async fn tokens_of(&self, customer: CustomerLookup<'_>) -> Result<Vec<TokenSnapshot>, ProviderError>;

    /// Sets one-click, if the token is still at `version`. Gives the token as the provider answered it.
    async fn set_one_click(
        &self,
        remote_id: &str,
        version: i64,
        on: bool,
    ) -> Result<TokenSnapshot, ProviderError>;

    /// Asks for active or inactive, if the token is still at `version`. The answer proves nothing; read it back.
    async fn set_active(
        &self,
        remote_id: &str,
        version: i64,
        active: bool,
    ) -> Result<TokenSnapshot, ProviderError>;

    /// Asks for deletion. Says nothing of when it is done.
    async fn delete_token(&self, remote_id: &str) -> Result<(), ProviderError>;
}

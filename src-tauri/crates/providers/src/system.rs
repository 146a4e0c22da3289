//! The one door to every payment system.

use crate::bench::TestBench;
use crate::error::{ProviderError, ProviderErrorKind};
use crate::verify::Verifier;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use std::time::Duration;
use tokendesk_model::capability::Capabilities;
use tokendesk_model::{CustomerSnapshot, Environment, Lesson, Origin, TokenSnapshot, VersionSnapshot};

/// What is needed to speak for one account.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Where; already checked against the environment.
    pub origin: Origin,
    /// Decides which addresses the name may lead to.
    pub environment: Environment,
    /// wallee: space id, decimal. ProcessOut: project id.
    pub scope: String,
    /// wallee: application user id, decimal.
    pub user: String,
    /// Prism: the connector's name.
    pub connector: Option<String>,
    /// wallee: the authentication key, standard base64. ProcessOut and KOMOJU: the secret key. Zafapay: the access token.
    /// Prism: the connector's configuration, a JSON object.
    pub key: SecretString,
    /// KOMOJU and Zafapay: the key a browser uses; only the test bench needs it.
    pub publishable_key: Option<SecretString>,
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

/// A token as it is addressed at its provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenRef<'a> {
    /// The provider's id of the token.
    pub remote_id: &'a str,
    /// The provider's id of its customer record ([`tokendesk_model::Particulars::record`]).
    pub record: Option<&'a str>,
}

impl<'a> TokenRef<'a> {
    /// How a token that was read is addressed.
    pub fn of(token: &'a TokenSnapshot) -> Self {
        Self {
            remote_id: &token.remote_id,
            record: token.particulars.record.as_deref(),
        }
    }
}

/// The cards of one customer record, complete.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerCards {
    /// Every token of the record.
    pub tokens: Vec<TokenSnapshot>,
    /// The saved details in use, at most one for each token; a token whose details are not told has none here.
    pub details: Vec<VersionSnapshot>,
    /// Tokens that have no saved details in use, by their provider's id.
    pub without_details: Vec<String>,
    /// Objects that could not be read; counted, never silently dropped.
    pub unreadable: usize,
}

/// A customer record as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCustomer {
    /// The record.
    pub customer: CustomerSnapshot,
    /// Its cards, where the list tells them; `None`: ask [`PaymentSystem::cards_of`].
    pub cards: Option<CustomerCards>,
}

/// A customer record this desk was told of, for systems that list none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The record, as imported.
    pub customer: CustomerSnapshot,
    /// Prism: the connector's tokens imported for it, each with the time it was imported.
    pub tokens: Vec<(String, DateTime<Utc>)>,
}

/// What happened since an earlier look at the provider's events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Pass as `since` next time.
    pub cursor: String,
    /// Customer records in which something happened, deleted ones too, each once.
    pub customers: Vec<String>,
    /// `false`: the feed does not reach back to `since`; only a complete pass tells everything.
    pub complete: bool,
}

/// What a deletion would take along, read just before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BeforeDeletion {
    /// Payments of this customer that are not finished, by id.
    pub open_payments: Vec<String>,
    /// Running subscriptions of this customer, by id.
    pub subscriptions: Vec<String>,
    /// What could not be looked up and why; `None` when everything was.
    pub not_known: Option<ProviderErrorKind>,
}

/// A token to be made for a customer, without card details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Makes a repeat harmless: the same id gives the same token. Never used twice for different tokens.
    pub external_id: String,
    /// The shop's customer id.
    pub customer_id: Option<String>,
    /// The customer's email.
    pub email: Option<String>,
    /// The shop's reference.
    pub reference: Option<String>,
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
    /// Customers may be listed.
    ReadCustomers,
    /// Events may be listed; without them edits are seen by complete passes only.
    Events,
    /// The connector and its configuration are taken.
    Connector,
    /// The browser's key is taken; only the test bench needs it.
    PublishableKey,
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

fn not_offered<T>() -> Result<T, ProviderError> {
    Err(ProviderError::new(ProviderErrorKind::NotOffered))
}

/// A payment system, spoken to for one account. Every method is one request unless it says otherwise; none retries.
///
/// Ids are the provider's own. All errors are [`ProviderError`]; what a system has nothing of the kind for answers
/// `NotOffered`, without a request: [`Self::capabilities`] says so beforehand.
#[async_trait]
pub trait PaymentSystem: Send + Sync {
    /// What the account can do, given what it has taught so far.
    fn capabilities(&self, lesson: Lesson) -> Capabilities;

    /// Tries every reading call and says what works. Several requests.
    async fn check(&self) -> CheckReport;

    /// `Listing::ByToken`: a page of all tokens after `after`, oldest first. `limit` is 1 to 100.
    async fn list_tokens(
        &self,
        _after: Option<&str>,
        _limit: u32,
    ) -> Result<Page<TokenSnapshot>, ProviderError> {
        not_offered()
    }

    /// `Listing::ByToken`: a page of all token versions after `after`, oldest first.
    async fn list_versions(
        &self,
        _after: Option<&str>,
        _limit: u32,
    ) -> Result<Page<VersionSnapshot>, ProviderError> {
        not_offered()
    }

    /// `Listing::ByCustomer`: a page of customer records, newest first, after the place `after`. The first call of a pass
    /// has no `after`; what the walk needs to stay in one frozen window is in the cursor.
    async fn list_customers(
        &self,
        _after: Option<&str>,
        _limit: u32,
    ) -> Result<Page<ListedCustomer>, ProviderError> {
        not_offered()
    }

    /// `Listing::ByCustomer`: one customer record; `None` only for a 404.
    async fn read_customer(&self, _customer_id: &str) -> Result<Option<ListedCustomer>, ProviderError> {
        not_offered()
    }

    /// Every card of one customer record. May need several requests. Tokens and details are complete, ready for the
    /// snapshot door: the tokens carry the record's id and email as given in `entry`.
    async fn cards_of(&self, _entry: &DirectoryEntry) -> Result<CustomerCards, ProviderError> {
        not_offered()
    }

    /// Customer records in which something happened since `since`; without `since`, only where the feed stands now.
    /// May need several requests.
    async fn news(&self, _since: Option<&str>) -> Result<News, ProviderError> {
        not_offered()
    }

    /// One token; `None` only for a 404, or where it is missing among its customer's cards. What `None` proves is said by
    /// `Capabilities::absence_is_proof`. Where the email is only in the directory of this desk it is absent here.
    async fn read_token(&self, token: TokenRef<'_>) -> Result<Option<TokenSnapshot>, ProviderError>;

    /// The saved details in use; `None` when the token has none.
    async fn active_version(&self, token: TokenRef<'_>) -> Result<Option<VersionSnapshot>, ProviderError>;

    /// Every version of one token. May need several requests.
    async fn versions_of(&self, token: TokenRef<'_>) -> Result<Vec<VersionSnapshot>, ProviderError> {
        Ok(self.active_version(token).await?.into_iter().collect())
    }

    /// `Listing::ByToken`: every token of one customer. May need several requests.
    async fn tokens_of(&self, _customer: CustomerLookup<'_>) -> Result<Vec<TokenSnapshot>, ProviderError> {
        not_offered()
    }

    /// Sets one-click on `current`, which was read at most two seconds ago: guarded by its version where there is one,
    /// sent with its whole metadata where that carries it. Gives the token as the provider answered it, `None` where the
    /// answer does not tell.
    async fn set_one_click(
        &self,
        _current: &TokenSnapshot,
        _on: bool,
    ) -> Result<Option<TokenSnapshot>, ProviderError> {
        not_offered()
    }

    /// Asks for active or inactive, as [`Self::set_one_click`]. `reason` is sent where the provider keeps one
    /// (`ReasonUse::SentToProvider`), and required there to switch off. The answer proves nothing; read it back.
    async fn set_active(
        &self,
        _current: &TokenSnapshot,
        _active: bool,
        _reason: Option<&str>,
    ) -> Result<Option<TokenSnapshot>, ProviderError> {
        not_offered()
    }

    /// Makes it its customer's default.
    async fn set_default(&self, _current: &TokenSnapshot) -> Result<(), ProviderError> {
        not_offered()
    }

    /// Asks for deletion (KOMOJU: of the customer record; Prism: revokes the mandate).
    async fn delete_token(&self, _current: &TokenSnapshot) -> Result<(), ProviderError> {
        not_offered()
    }

    /// What a deletion would take along. Several requests.
    async fn before_deletion(&self, _token: TokenRef<'_>) -> Result<BeforeDeletion, ProviderError> {
        Ok(BeforeDeletion::default())
    }

    /// Deletes a whole customer record with its cards.
    async fn delete_customer(&self, _customer_id: &str) -> Result<(), ProviderError> {
        not_offered()
    }

    /// Forgets what the hosted page keeps under the shop's own customer id.
    async fn forget_one_click(&self, _external_customer_id: &str) -> Result<(), ProviderError> {
        not_offered()
    }

    /// Makes a token without card details; the same `external_id` gives the same token.
    async fn create_token(&self, _new: &NewToken) -> Result<TokenSnapshot, ProviderError> {
        not_offered()
    }

    /// The address of a page of the provider on which the buyer enters new card details for this token. Several requests.
    async fn new_details_page(&self, _token: TokenRef<'_>) -> Result<String, ProviderError> {
        not_offered()
    }

    /// The guided flows of its own documents; `None` for a live account, which has none.
    fn bench(&self) -> Option<&dyn TestBench> {
        None
    }

    /// Small authorizations that are voided at once; `None` where the system has nothing of the kind.
    fn verifier(&self) -> Option<&dyn Verifier> {
        None
    }
}

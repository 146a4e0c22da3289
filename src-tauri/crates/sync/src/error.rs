//! Why reading or sending stopped.

use tokendesk_model::AccountId;
use tokendesk_providers::{ProviderError, ProviderErrorKind};
use tokendesk_store::StoreError;

/// Why reading or sending stopped. What was stored before stays, and goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The payment system, or the way to it.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The local files.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The credentials could not be fetched from where they are kept.
    #[error("the credentials of this account cannot be read: {0}")]
    Credentials(String),
    /// A person stopped it.
    #[error("stopped")]
    Stopped,
    /// This account is being read already.
    #[error("already running")]
    AlreadyRunning,
    /// The account was removed meanwhile.
    #[error("no such account")]
    NoAccount(AccountId),
    /// The provider did not answer or asked to wait, a moment ago.
    #[error("left alone for a while")]
    Resting,
    /// A production card was found in an account that is not live.
    #[error("this is a live space")]
    ProductionSeen,
    /// A complete pass missed more rows than are plausibly deleted: nothing was marked as gone.
    #[error("{missing} of {known} cards were not listed any more")]
    TooManyVanished {
        /// Rows not listed.
        missing: usize,
        /// Rows known.
        known: u64,
    },
}

impl SyncError {
    fn kind(&self) -> Option<ProviderErrorKind> {
        match self {
            Self::Provider(error) => Some(error.kind),
            _ => None,
        }
    }

    /// Whether it says something of the one object that was asked for, and nothing of the others.
    pub(crate) fn is_of_one_object(&self) -> bool {
        matches!(
            self.kind(),
            Some(ProviderErrorKind::Refused | ProviderErrorKind::Unreadable)
        )
    }

    /// A 404.
    pub(crate) fn is_not_found(&self) -> bool {
        self.kind() == Some(ProviderErrorKind::NotFound)
    }

    /// A 5xx.
    pub(crate) fn is_of_the_server(&self) -> bool {
        self.kind() == Some(ProviderErrorKind::ServerFailed)
    }

    /// A 403.
    pub(crate) fn is_forbidden(&self) -> bool {
        self.kind() == Some(ProviderErrorKind::Forbidden)
    }
}

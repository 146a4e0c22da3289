//! Reaching an account's payment system: its credentials from the secret store, its origin from the ledger or the running demo.

use crate::host::Host;
use async_trait::async_trait;
use secrecy::SecretString;
use std::path::PathBuf;
use std::sync::Arc;
use tokendesk_model::{Account, AccountId, Origin, ProviderKind};
use tokendesk_providers::{
    Credentials, HttpOptions, PaymentSystem, ProviderError, ProviderErrorKind, ReadOnly, registry,
};
use tokendesk_store::secrets::Vault;
use tokendesk_sync::{Connect, SyncError};

/// The entry of the secret store that holds an account's key.
pub(crate) fn credential_name(account: AccountId) -> String {
    format!("account {account}")
}

/// The entry that holds an account's publishable key, where it has one.
pub(crate) fn publishable_name(account: AccountId) -> String {
    format!("account {account} publishable")
}

pub(crate) struct Reach {
    pub vault: Arc<Vault>,
    pub host: Arc<dyn Host>,
    pub folder: PathBuf,
    pub http: HttpOptions,
}

impl Reach {
    /// The payment system behind `credentials`.
    pub fn system(
        &self,
        provider: ProviderKind,
        credentials: Credentials,
    ) -> Result<Arc<dyn PaymentSystem>, ProviderError> {
        registry::connect(provider, credentials, self.http.clone())
    }
}

#[async_trait]
impl Connect for Reach {
    async fn connect(&self, account: &Account) -> Result<Arc<dyn PaymentSystem>, SyncError> {
        let (origin, key) = match &account.origin {
            Some(origin) => {
                let stored = self
                    .vault
                    .get(&credential_name(account.id))
                    .await
                    .map_err(|error| SyncError::Credentials(crate::problems::credential_word(&error)))?;
                let key = stored.ok_or(SyncError::Provider(ProviderError::new(
                    ProviderErrorKind::BadCredentials,
                )))?;
                (origin.clone(), key)
            }
            None => {
                let demo = self
                    .host
                    .demo(&self.folder)
                    .await
                    .map_err(|problem| SyncError::Credentials(problem.title))?;
                let origin = Origin::parse(&demo.origin)
                    .map_err(|_| ProviderError::new(ProviderErrorKind::HostNotAllowed))?;
                (origin, SecretString::from(demo.key))
            }
        };
        let asks_for_one = registry::description(account.provider)
            .fields
            .iter()
            .any(|field| field.name == "publishable_key");
        let publishable_key = if !asks_for_one {
            None
        } else {
            self.vault
                .get(&publishable_name(account.id))
                .await
                .map_err(|error| SyncError::Credentials(crate::problems::credential_word(&error)))?
        };
        let credentials = Credentials {
            origin,
            environment: account.environment,
            scope: account.scope.clone(),
            user: account.user.clone(),
            connector: account.connector.clone(),
            key,
            publishable_key,
        };
        let system = self.system(account.provider, credentials)?;
        if account.read_only {
            return Ok(Arc::new(ReadOnly(system)));
        }
        Ok(system)
    }
}

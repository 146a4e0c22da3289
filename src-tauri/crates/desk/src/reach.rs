//! Reaching an account's payment system: its credentials from the secret store, its origin from the ledger or the running demo.

use crate::host::Host;
use async_trait::async_trait;
use secrecy::SecretString;
use std::path::PathBuf;
use std::sync::Arc;
use tokendesk_model::{Account, AccountId, Origin, ProviderKind};
use tokendesk_providers::wallee::Wallee;
use tokendesk_providers::{Credentials, HttpOptions, PaymentSystem, ProviderError, ProviderErrorKind};
use tokendesk_store::secrets::Vault;
use tokendesk_sync::{Connect, SyncError};

/// The entry of the secret store that holds an account's key.
pub(crate) fn credential_name(account: AccountId) -> String {
    format!("account {account}")
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
        match provider {
            ProviderKind::Wallee => Ok(Arc::new(Wallee::new(credentials, self.http.clone())?)),
        }
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
        let credentials = Credentials {
            origin,
            environment: account.environment,
            scope: account.scope.clone(),
            user: account.user.clone(),
            key,
        };
        Ok(self.system(account.provider, credentials)?)
    }
}

//! Secrets in memory: for tests, gone with the process.

use super::{SecretError, SecretStore};
use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Keeps secrets in memory. Clones share them.
#[derive(Clone, Default)]
pub struct MemorySecrets(Arc<Mutex<HashMap<String, SecretString>>>);

#[async_trait]
impl SecretStore for MemorySecrets {
    async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        let secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(secrets
            .get(name)
            .map(|secret| SecretString::from(secret.expose_secret().to_owned())))
    }

    async fn set(&self, name: &str, secret: &SecretString) -> Result<(), SecretError> {
        let copy = SecretString::from(secret.expose_secret().to_owned());
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_owned(), copy);
        Ok(())
    }

    async fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }
}

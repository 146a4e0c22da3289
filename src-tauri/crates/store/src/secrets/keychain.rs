//! The operating system's keychain: Keychain, Credential Manager or a Secret Service.
//!
//! A locked keychain can wait for its owner for minutes. Each call runs on a thread of its own and is given up after a while; the
//! thread ends when the keychain answers.

use super::{SecretError, SecretStore};
use async_trait::async_trait;
use keyring::{Entry, Error};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;

/// The name of this program in the keychain.
const SERVICE: &str = "Tokendesk";
/// Given up after this long: a person who unlocks a keychain has been faster.
const PATIENCE: Duration = Duration::from_secs(30);

/// The operating system's keychain.
#[derive(Debug, Clone, Copy, Default)]
pub struct Keychain;

#[async_trait]
impl SecretStore for Keychain {
    async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        let name = name.to_owned();
        on_a_thread(
            move || match Entry::new(SERVICE, &name).and_then(|entry| entry.get_password()) {
                Ok(secret) => Ok(Some(SecretString::from(secret))),
                // The only answer that means "there certainly is none".
                Err(Error::NoEntry) => Ok(None),
                Err(error) => Err(reason(&error)),
            },
        )
        .await
    }

    async fn set(&self, name: &str, secret: &SecretString) -> Result<(), SecretError> {
        let name = name.to_owned();
        let secret = SecretString::from(secret.expose_secret().to_owned());
        on_a_thread(move || {
            Entry::new(SERVICE, &name)
                .and_then(|entry| entry.set_password(secret.expose_secret()))
                .map_err(|error| reason(&error))
        })
        .await
    }

    async fn delete(&self, name: &str) -> Result<(), SecretError> {
        let name = name.to_owned();
        on_a_thread(
            move || match Entry::new(SERVICE, &name).and_then(|entry| entry.delete_credential()) {
                Ok(()) | Err(Error::NoEntry) => Ok(()),
                Err(error) => Err(reason(&error)),
            },
        )
        .await
    }
}

async fn on_a_thread<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, SecretError> + Send + 'static,
) -> Result<T, SecretError> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name("keychain".to_owned())
        .spawn(move || {
            // Nobody waits any more after the time-out.
            let _ = answer.send(call());
        })
        .map_err(|error| SecretError::Io(error.kind()))?;
    match tokio::time::timeout(PATIENCE, answered).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(SecretError::Failed),
        Err(_) => Err(SecretError::Slow),
    }
}

// What the platform says can hold names of entries; only the kind is kept.
fn reason(error: &Error) -> SecretError {
    match error {
        Error::NoStorageAccess(_) => SecretError::Locked,
        Error::NoDefaultStore | Error::NotSupportedByStore(_) => SecretError::Absent,
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) => SecretError::Damaged,
        _ => SecretError::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_of_a_keychain_is_told_apart_from_absence() {
        let platform = || Box::new(std::io::Error::other("x"));
        assert!(matches!(
            reason(&Error::NoStorageAccess(platform())),
            SecretError::Locked
        ));
        assert!(matches!(reason(&Error::NoDefaultStore), SecretError::Absent));
        assert!(matches!(
            reason(&Error::BadEncoding(Vec::new())),
            SecretError::Damaged
        ));
        assert!(matches!(
            reason(&Error::PlatformFailure(platform())),
            SecretError::Failed
        ));
    }
}

//! Where secrets live: the key of both databases, and what each account signs in with. The operating system's keychain,
//! or one sealed file where there is none; one of the two per data folder, never both, never plain.

use crate::DbKey;
use async_trait::async_trait;
use secrecy::SecretString;
use std::path::Path;

/// Why a secret could not be read or kept. A failed read is never treated as "there is none".
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The keychain is locked, or its owner did not open it.
    #[error("the keychain is locked")]
    Locked,
    /// This computer has no keychain.
    #[error("there is no keychain")]
    Absent,
    /// The keychain did not answer in time.
    #[error("the keychain did not answer in time")]
    Slow,
    /// Databases exist, but their key does not: never a reason to make a new one.
    #[error("the key of the databases is missing")]
    KeyMissing,
    /// The passphrase does not open the sealed file (or the file was altered: the two cannot be told apart).
    #[error("the passphrase does not open the sealed file")]
    WrongPassphrase,
    /// This data folder keeps its secrets in the keychain.
    #[error("this data folder keeps its secrets in the keychain")]
    NeedsKeychain,
    /// This data folder keeps its secrets in a sealed file and needs its passphrase.
    #[error("this data folder needs its passphrase")]
    NeedsPassphrase,
    /// The passphrase file can be read by others.
    #[error("the passphrase file can be read by others")]
    ReadableByOthers,
    /// The passphrase is empty.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// A file that says where secrets are is damaged.
    #[error("a file of the secret store is damaged")]
    Damaged,
    /// A file could not be used.
    #[error("a file of the secret store cannot be used: {0}")]
    Io(std::io::ErrorKind),
    /// Anything else the keychain said, without what it said it about.
    #[error("the keychain failed")]
    Failed,
}

/// A place for secrets, by name.
#[async_trait]
pub trait SecretStore: Send + Sync {
    /// The secret under `name`; `None` only when there certainly is none.
    async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError>;
    /// Keeps a secret under `name`, replacing an earlier one.
    async fn set(&self, name: &str, secret: &SecretString) -> Result<(), SecretError>;
    /// Removes the secret under `name`; none there is as good.
    async fn delete(&self, name: &str) -> Result<(), SecretError>;
}

/// Where a data folder keeps its secrets.
#[derive(Debug, Clone)]
pub enum SecretMode {
    /// The operating system's keychain.
    Keychain,
    /// One sealed file under this passphrase.
    Passphrase(SecretString),
}

/// The secrets of one data folder.
pub struct Vault {}

impl Vault {
    /// Opens the secrets of data folder `dir`. The first opening decides the mode for good.
    ///
    /// # Errors
    /// [`SecretError::NeedsKeychain`] and [`SecretError::NeedsPassphrase`] when the folder keeps them the other way.
    pub async fn open(dir: &Path, mode: SecretMode) -> Result<Self, SecretError> {
        let _ = (dir, mode);
        todo!()
    }

    /// The same over a given store, for tests and for other keychains.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn with_store(dir: &Path, store: Box<dyn SecretStore>) -> Result<Self, SecretError> {
        let _ = (dir, store);
        todo!()
    }

    /// Which mode a folder needs: `None` before its first opening. `Some(true)` is the keychain.
    ///
    /// # Errors
    /// [`SecretError::Damaged`].
    pub fn wants_keychain(dir: &Path) -> Result<Option<bool>, SecretError> {
        let _ = dir;
        todo!()
    }

    /// The key of both databases: made on the very first run only.
    ///
    /// # Errors
    /// [`SecretError::KeyMissing`] when databases exist and their key does not.
    pub async fn db_key(&self) -> Result<DbKey, SecretError> {
        todo!()
    }

    /// A secret of this folder, such as an account's authentication key.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        let _ = name;
        todo!()
    }

    /// Keeps a secret of this folder.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn set(&self, name: &str, secret: &SecretString) -> Result<(), SecretError> {
        let _ = (name, secret);
        todo!()
    }

    /// Removes a secret of this folder.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn delete(&self, name: &str) -> Result<(), SecretError> {
        let _ = name;
        todo!()
    }
}

/// Reads a passphrase from a file that only its owner can read. One line end at the end is not part of it.
///
/// # Errors
/// [`SecretError::ReadableByOthers`], [`SecretError::EmptyPassphrase`], [`SecretError::Io`].
pub fn read_passphrase_file(path: &Path) -> Result<SecretString, SecretError> {
    let _ = path;
    todo!()
}

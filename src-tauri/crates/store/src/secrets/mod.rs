//! Where secrets live: the key of both databases, and what each account signs in with. The operating system's keychain,
//! or one sealed file where there is none; one of the two per data folder, never both, never plain.

mod keychain;
mod memory;
mod passphrase;
mod sealed;
mod vault;

pub use keychain::Keychain;
pub use memory::MemorySecrets;
pub use passphrase::read_passphrase_file;
pub use sealed::SealedFile;
pub use vault::{SecretMode, Vault};

use async_trait::async_trait;
use secrecy::SecretString;

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

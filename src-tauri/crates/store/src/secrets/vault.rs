//! The secrets of one data folder: which way they are kept, under which names, and the databases' key.

use super::{Keychain, SealedFile, SecretError, SecretStore};
use crate::{CACHE_FILE, DbKey, LEDGER_FILE, folder};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The file that says how a folder keeps its secrets. Holds none.
const FILE: &str = "desk.json";
const DATABASE_KEY: &str = "database key";

/// Where a data folder keeps its secrets.
#[derive(Debug, Clone)]
pub enum SecretMode {
    /// The operating system's keychain.
    Keychain,
    /// One sealed file under this passphrase.
    Passphrase(SecretString),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    Keychain,
    SealedFile,
}

/// How a folder keeps its secrets, and the random id its entries are named by.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct DeskFile {
    desk_id: Uuid,
    secrets: Kept,
}

/// The secrets of one data folder.
pub struct Vault {
    dir: PathBuf,
    desk_id: Uuid,
    store: Box<dyn SecretStore>,
}

impl Vault {
    /// Opens the secrets of data folder `dir`. The first opening decides the mode for good.
    ///
    /// # Errors
    /// [`SecretError::NeedsKeychain`] and [`SecretError::NeedsPassphrase`] when the folder keeps them the other way.
    pub async fn open(dir: &Path, mode: SecretMode) -> Result<Self, SecretError> {
        folder::prepare(dir).map_err(|error| SecretError::Io(error.kind()))?;
        let known = read_desk_file(dir)?;
        let wanted = match &mode {
            SecretMode::Keychain => Kept::Keychain,
            SecretMode::Passphrase(_) => Kept::SealedFile,
        };
        match known.as_ref().map(|known| known.secrets) {
            Some(Kept::Keychain) if wanted != Kept::Keychain => return Err(SecretError::NeedsKeychain),
            Some(Kept::SealedFile) if wanted != Kept::SealedFile => return Err(SecretError::NeedsPassphrase),
            Some(_) => {}
            // Databases without the file that names their key: it was lost, and guessing another way would not find it.
            None if has_databases(dir) => return Err(SecretError::KeyMissing),
            None => {}
        }
        let store: Box<dyn SecretStore> = match mode {
            SecretMode::Keychain => Box::new(Keychain),
            SecretMode::Passphrase(passphrase) => Box::new(SealedFile::open(dir, &passphrase).await?),
        };
        Self::over(dir, store, known, wanted).await
    }

    /// The same over a given store, for tests and for other keychains.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn with_store(dir: &Path, store: Box<dyn SecretStore>) -> Result<Self, SecretError> {
        folder::prepare(dir).map_err(|error| SecretError::Io(error.kind()))?;
        let known = read_desk_file(dir)?;
        Self::over(dir, store, known, Kept::Keychain).await
    }

    async fn over(
        dir: &Path,
        store: Box<dyn SecretStore>,
        known: Option<DeskFile>,
        wanted: Kept,
    ) -> Result<Self, SecretError> {
        let desk = match known {
            Some(desk) => desk,
            None => {
                let desk = DeskFile {
                    desk_id: Uuid::new_v4(),
                    secrets: wanted,
                };
                // A store that cannot be read must not decide the folder's way for good.
                store.get(&entry(desk.desk_id, DATABASE_KEY)).await?;
                let text = serde_json::to_vec_pretty(&desk).map_err(|_| SecretError::Failed)?;
                folder::write_whole(&dir.join(FILE), &text).map_err(|error| SecretError::Io(error.kind()))?;
                desk
            }
        };
        Ok(Self {
            dir: dir.to_owned(),
            desk_id: desk.desk_id,
            store,
        })
    }

    /// Which mode a folder needs: `None` before its first opening. `Some(true)` is the keychain.
    ///
    /// # Errors
    /// [`SecretError::Damaged`].
    pub fn wants_keychain(dir: &Path) -> Result<Option<bool>, SecretError> {
        Ok(read_desk_file(dir)?.map(|desk| desk.secrets == Kept::Keychain))
    }

    /// The key of both databases: made on the very first run only.
    ///
    /// # Errors
    /// [`SecretError::KeyMissing`] when databases exist and their key does not.
    pub async fn db_key(&self) -> Result<DbKey, SecretError> {
        if let Some(kept) = self.get(DATABASE_KEY).await? {
            return DbKey::from_hex(kept.expose_secret()).ok_or(SecretError::Damaged);
        }
        if has_databases(&self.dir) {
            return Err(SecretError::KeyMissing);
        }
        let key = DbKey::random();
        self.set(DATABASE_KEY, &SecretString::from(key.hex().to_string()))
            .await?;
        // What was kept is what the databases are made with, not what was meant to be kept.
        match self.get(DATABASE_KEY).await? {
            Some(kept) => DbKey::from_hex(kept.expose_secret()).ok_or(SecretError::Damaged),
            None => Err(SecretError::Failed),
        }
    }

    /// A secret of this folder, such as an account's authentication key.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        self.store.get(&entry(self.desk_id, name)).await
    }

    /// Keeps a secret of this folder.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn set(&self, name: &str, secret: &SecretString) -> Result<(), SecretError> {
        self.store.set(&entry(self.desk_id, name), secret).await
    }

    /// Removes a secret of this folder.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.store.delete(&entry(self.desk_id, name)).await
    }
}

fn entry(desk_id: Uuid, name: &str) -> String {
    format!("{desk_id} {name}")
}

fn has_databases(dir: &Path) -> bool {
    dir.join(LEDGER_FILE).exists() || dir.join(CACHE_FILE).exists()
}

fn read_desk_file(dir: &Path) -> Result<Option<DeskFile>, SecretError> {
    match std::fs::read(dir.join(FILE)) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|_| SecretError::Damaged),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SecretError::Io(error.kind())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::MemorySecrets;
    use async_trait::async_trait;

    fn words(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[tokio::test]
    async fn the_first_run_makes_a_key_and_later_ones_find_it() {
        let dir = tempfile::tempdir().unwrap();
        let secrets = MemorySecrets::default();
        let vault = Vault::with_store(dir.path(), Box::new(secrets.clone()))
            .await
            .unwrap();
        let first = vault.db_key().await.unwrap();
        std::fs::write(dir.path().join(LEDGER_FILE), b"x").unwrap();
        let vault = Vault::with_store(dir.path(), Box::new(secrets)).await.unwrap();
        assert_eq!(vault.db_key().await.unwrap().expose(), first.expose());
    }

    #[tokio::test]
    async fn no_new_key_is_made_over_existing_databases() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::with_store(dir.path(), Box::new(MemorySecrets::default()))
            .await
            .unwrap();
        std::fs::write(dir.path().join(LEDGER_FILE), b"x").unwrap();
        assert!(matches!(
            vault.db_key().await.err(),
            Some(SecretError::KeyMissing)
        ));
        let elsewhere = tempfile::tempdir().unwrap();
        std::fs::write(elsewhere.path().join(CACHE_FILE), b"x").unwrap();
        let opened = Vault::open(elsewhere.path(), SecretMode::Passphrase(words("open"))).await;
        assert!(matches!(opened.err(), Some(SecretError::KeyMissing)));
    }

    #[tokio::test]
    async fn a_folder_keeps_to_its_way() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Vault::wants_keychain(dir.path()).unwrap(), None);
        let vault = Vault::open(dir.path(), SecretMode::Passphrase(words("open")))
            .await
            .unwrap();
        vault.set("account 1", &words("a key")).await.unwrap();
        assert_eq!(Vault::wants_keychain(dir.path()).unwrap(), Some(false));
        let opened = Vault::open(dir.path(), SecretMode::Keychain).await;
        assert!(matches!(opened.err(), Some(SecretError::NeedsPassphrase)));
        let vault = Vault::open(dir.path(), SecretMode::Passphrase(words("open")))
            .await
            .unwrap();
        assert_eq!(
            vault.get("account 1").await.unwrap().unwrap().expose_secret(),
            "a key"
        );
    }

    struct Locked;

    #[async_trait]
    impl SecretStore for Locked {
        async fn get(&self, _: &str) -> Result<Option<SecretString>, SecretError> {
            Err(SecretError::Locked)
        }
        async fn set(&self, _: &str, _: &SecretString) -> Result<(), SecretError> {
            Err(SecretError::Locked)
        }
        async fn delete(&self, _: &str) -> Result<(), SecretError> {
            Err(SecretError::Locked)
        }
    }

    #[tokio::test]
    async fn a_failed_read_is_never_a_first_run() {
        let dir = tempfile::tempdir().unwrap();
        let opened = Vault::with_store(dir.path(), Box::new(Locked)).await;
        assert!(matches!(opened.err(), Some(SecretError::Locked)));
        assert_eq!(
            Vault::wants_keychain(dir.path()).unwrap(),
            None,
            "a locked keychain decided the folder's way"
        );
    }
}

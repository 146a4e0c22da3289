//! Secrets in one file, sealed by a passphrase: where there is no keychain.
//!
//! The passphrase is stretched with Argon2id (64 MiB, three passes, one lane, a salt of 16 random bytes) into a key for
//! XChaCha20-Poly1305 with a fresh 24-byte nonce at every write. The header (format, parameters, salt) is authenticated with the
//! content, so parameters cannot be weakened by editing the file.

use super::{SecretError, SecretStore};
use crate::folder;
use argon2::{Algorithm, Argon2, Params, Version};
use async_trait::async_trait;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::{Zeroize, Zeroizing};

/// The file's name in the data folder.
const FILE: &str = "secrets.sealed";
/// Held while the file is read and written anew: two processes may keep a secret at one moment.
const LOCK_FILE: &str = "secrets.lock";
/// First bytes of the file; the last one is the format's number.
const MAGIC: &[u8; 16] = b"Tokendesk seal\x001";
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const SALT: usize = 16;
const NONCE: usize = 24;
/// Magic, memory, passes, salt.
const HEADER: usize = 16 + 4 + 4 + SALT;
/// More than any honest file asks for: a hostile one must not exhaust the computer.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 64;

/// One sealed file.
#[derive(Clone)]
pub struct SealedFile {
    path: PathBuf,
    header: [u8; HEADER],
    key: Arc<Zeroizing<[u8; 32]>>,
    writing: Arc<tokio::sync::Mutex<()>>,
}

type Secrets = BTreeMap<String, String>;

impl SealedFile {
    /// Opens the sealed file of `dir` with its passphrase, or makes an empty one where there is none.
    ///
    /// # Errors
    /// [`SecretError::WrongPassphrase`], [`SecretError::EmptyPassphrase`], [`SecretError::Damaged`], [`SecretError::Io`].
    pub async fn open(dir: &Path, passphrase: &SecretString) -> Result<Self, SecretError> {
        if passphrase.expose_secret().is_empty() {
            return Err(SecretError::EmptyPassphrase);
        }
        let path = dir.join(FILE);
        let passphrase = SecretString::from(passphrase.expose_secret().to_owned());
        in_background(move || {
            let _alone = alone(&path)?;
            let existing = match std::fs::read(&path) {
                Ok(bytes) => Some(bytes),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(error) => return Err(SecretError::Io(error.kind())),
            };
            let header = match &existing {
                Some(bytes) => read_header(bytes)?,
                None => new_header(),
            };
            let key = stretch(&passphrase, &header)?;
            let file = Self {
                path,
                header,
                key: Arc::new(key),
                writing: Arc::default(),
            };
            match existing {
                Some(bytes) => drop(Wiped(file.unseal(&bytes)?)),
                None => file.write(&Secrets::new())?,
            }
            Ok(file)
        })
        .await
    }

    fn read(&self) -> Result<Wiped, SecretError> {
        let bytes = std::fs::read(&self.path).map_err(|error| SecretError::Io(error.kind()))?;
        self.unseal(&bytes).map(Wiped)
    }

    fn unseal(&self, bytes: &[u8]) -> Result<Secrets, SecretError> {
        if read_header(bytes)? != self.header || bytes.len() < HEADER + NONCE {
            return Err(SecretError::Damaged);
        }
        let (nonce, sealed) = bytes[HEADER..].split_at(NONCE);
        let nonce = XNonce::try_from(nonce).map_err(|_| SecretError::Damaged)?;
        let content = self
            .cipher()?
            .decrypt(
                &nonce,
                Payload {
                    msg: sealed,
                    aad: &self.header,
                },
            )
            .map_err(|_| SecretError::WrongPassphrase)?;
        let content = Zeroizing::new(content);
        serde_json::from_slice(&content).map_err(|_| SecretError::Damaged)
    }

    fn write(&self, secrets: &Secrets) -> Result<(), SecretError> {
        let content = Zeroizing::new(serde_json::to_vec(secrets).map_err(|_| SecretError::Failed)?);
        let nonce_bytes: [u8; NONCE] = rand::random();
        let nonce = XNonce::from(nonce_bytes);
        let sealed = self
            .cipher()?
            .encrypt(
                &nonce,
                Payload {
                    msg: &content,
                    aad: &self.header,
                },
            )
            .map_err(|_| SecretError::Failed)?;
        let bytes = [self.header.as_slice(), &nonce_bytes, &sealed].concat();
        folder::write_whole(&self.path, &bytes).map_err(|error| SecretError::Io(error.kind()))
    }

    fn cipher(&self) -> Result<XChaCha20Poly1305, SecretError> {
        XChaCha20Poly1305::new_from_slice(self.key.as_slice()).map_err(|_| SecretError::Failed)
    }

    async fn change(&self, change: impl FnOnce(&mut Secrets) + Send + 'static) -> Result<(), SecretError> {
        let _one_at_a_time = self.writing.lock().await;
        let file = self.clone();
        in_background(move || {
            let _alone = alone(&file.path)?;
            let mut secrets = file.read()?;
            change(&mut secrets.0);
            file.write(&secrets.0)
        })
        .await
    }
}

#[async_trait]
impl SecretStore for SealedFile {
    async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        let (file, name) = (self.clone(), name.to_owned());
        in_background(move || Ok(file.read()?.0.remove(&name).map(SecretString::from))).await
    }

    async fn set(&self, name: &str, secret: &SecretString) -> Result<(), SecretError> {
        let (name, secret) = (name.to_owned(), secret.expose_secret().to_owned());
        self.change(move |secrets| {
            if let Some(mut old) = secrets.insert(name, secret) {
                old.zeroize();
            }
        })
        .await
    }

    async fn delete(&self, name: &str) -> Result<(), SecretError> {
        let name = name.to_owned();
        self.change(move |secrets| {
            if let Some(mut old) = secrets.remove(&name) {
                old.zeroize();
            }
        })
        .await
    }
}

/// Waits until no other process works with the file beside `path`; until dropped none does.
fn alone(path: &Path) -> Result<std::fs::File, SecretError> {
    let lock =
        folder::private_file(&path.with_file_name(LOCK_FILE)).and_then(|file| file.lock().map(|()| file));
    lock.map_err(|error| SecretError::Io(error.kind()))
}

/// Secrets in the open, wiped when done with.
struct Wiped(Secrets);

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.values_mut().for_each(Zeroize::zeroize);
    }
}

fn new_header() -> [u8; HEADER] {
    let salt: [u8; SALT] = rand::random();
    let mut header = [0; HEADER];
    header[..16].copy_from_slice(MAGIC);
    header[16..20].copy_from_slice(&MEMORY_KIB.to_le_bytes());
    header[20..24].copy_from_slice(&PASSES.to_le_bytes());
    header[24..].copy_from_slice(&salt);
    header
}

fn read_header(bytes: &[u8]) -> Result<[u8; HEADER], SecretError> {
    let header: [u8; HEADER] = bytes
        .get(..HEADER)
        .and_then(|head| head.try_into().ok())
        .ok_or(SecretError::Damaged)?;
    let (memory, passes) = parameters(&header);
    let known = header.starts_with(MAGIC)
        && (8..=MOST_MEMORY_KIB).contains(&memory)
        && (1..=MOST_PASSES).contains(&passes);
    known.then_some(header).ok_or(SecretError::Damaged)
}

fn parameters(header: &[u8; HEADER]) -> (u32, u32) {
    let number = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    (number(16), number(20))
}

fn stretch(passphrase: &SecretString, header: &[u8; HEADER]) -> Result<Zeroizing<[u8; 32]>, SecretError> {
    let (memory, passes) = parameters(header);
    let params = Params::new(memory, passes, 1, Some(32)).map_err(|_| SecretError::Damaged)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(
            passphrase.expose_secret().as_bytes(),
            &header[24..],
            key.as_mut_slice(),
        )
        .map_err(|_| SecretError::Failed)?;
    Ok(key)
}

async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SecretError> + Send + 'static,
) -> Result<T, SecretError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(SecretError::Failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[tokio::test]
    async fn secrets_survive_and_show_nowhere() {
        let dir = tempfile::tempdir().unwrap();
        let file = SealedFile::open(dir.path(), &words("open")).await.unwrap();
        file.set("account 1", &words("an invented key")).await.unwrap();
        file.set("account 2", &words("another")).await.unwrap();
        file.delete("account 2").await.unwrap();
        drop(file);
        let bytes = std::fs::read(dir.path().join(FILE)).unwrap();
        assert!(
            !bytes
                .windows(8)
                .any(|window| window == b"invented" || window == b"account ")
        );
        let file = SealedFile::open(dir.path(), &words("open")).await.unwrap();
        assert_eq!(
            file.get("account 1").await.unwrap().unwrap().expose_secret(),
            "an invented key"
        );
        assert!(file.get("account 2").await.unwrap().is_none());
    }

    #[tokio::test]
    async fn two_processes_lose_no_secret_of_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let mut writers = Vec::new();
        for process in 0..2 {
            // Each has opened the file for itself, as two processes do.
            let file = SealedFile::open(dir.path(), &words("open")).await.unwrap();
            writers.push(tokio::spawn(async move {
                for n in 0..20 {
                    file.set(&format!("{process} {n}"), &words("a key"))
                        .await
                        .unwrap();
                }
            }));
        }
        for writer in writers {
            writer.await.unwrap();
        }
        let file = SealedFile::open(dir.path(), &words("open")).await.unwrap();
        assert_eq!(file.read().unwrap().0.len(), 40);
    }

    #[tokio::test]
    async fn another_passphrase_or_an_edited_file_opens_nothing_and_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        drop(SealedFile::open(dir.path(), &words("open")).await.unwrap());
        let before = std::fs::read(&path).unwrap();
        let opened = SealedFile::open(dir.path(), &words("other")).await;
        assert!(matches!(opened.err(), Some(SecretError::WrongPassphrase)));
        assert_eq!(std::fs::read(&path).unwrap(), before);
        for at in [HEADER - 1, HEADER, before.len() - 1] {
            let mut edited = before.clone();
            edited[at] ^= 1;
            std::fs::write(&path, &edited).unwrap();
            let opened = SealedFile::open(dir.path(), &words("open")).await;
            assert!(
                matches!(opened.err(), Some(SecretError::WrongPassphrase)),
                "byte {at}"
            );
        }
        for cut in [0, 5, HEADER, HEADER + 3] {
            std::fs::write(&path, &before[..cut]).unwrap();
            let opened = SealedFile::open(dir.path(), &words("open")).await;
            assert!(matches!(opened.err(), Some(SecretError::Damaged)), "cut at {cut}");
        }
        assert!(matches!(
            SealedFile::open(dir.path(), &words("")).await.err(),
            Some(SecretError::EmptyPassphrase)
        ));
    }
}

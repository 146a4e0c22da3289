//! A passphrase from a file that only its owner can read.

use super::SecretError;
use secrecy::SecretString;
use std::io::Read;
use std::path::Path;
use zeroize::Zeroizing;

/// Longer than any passphrase: the wrong file was named.
const LONGEST: u64 = 4096;

/// Reads a passphrase from a file that only its owner can read. One line end at the end is not part of it.
///
/// # Errors
/// [`SecretError::ReadableByOthers`], [`SecretError::EmptyPassphrase`], [`SecretError::Io`].
pub fn read_passphrase_file(path: &Path) -> Result<SecretString, SecretError> {
    let io = |error: std::io::Error| SecretError::Io(error.kind());
    let file = std::fs::File::open(path).map_err(io)?;
    let metadata = file.metadata().map_err(io)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(SecretError::ReadableByOthers);
        }
    }
    if metadata.len() > LONGEST {
        return Err(SecretError::Io(std::io::ErrorKind::FileTooLarge));
    }
    let mut text = Zeroizing::new(String::new());
    file.take(LONGEST).read_to_string(&mut text).map_err(io)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(SecretError::EmptyPassphrase);
    }
    Ok(SecretString::from(line.to_owned()))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::os::unix::fs::PermissionsExt;

    fn file(text: &str, mode: u32) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    #[test]
    fn one_line_end_is_not_part_of_a_passphrase() {
        let passphrase = read_passphrase_file(file(" a b \r\n", 0o600).path()).unwrap();
        assert_eq!(passphrase.expose_secret(), " a b ");
    }

    #[test]
    fn files_of_everybody_and_empty_ones_are_refused() {
        for mode in [0o640, 0o604, 0o660] {
            let read = read_passphrase_file(file("secret", mode).path());
            assert!(matches!(read, Err(SecretError::ReadableByOthers)), "{mode:o}");
        }
        assert!(matches!(
            read_passphrase_file(file("\n", 0o600).path()),
            Err(SecretError::EmptyPassphrase)
        ));
        assert!(matches!(
            read_passphrase_file(Path::new("/nowhere/at/all")),
            Err(SecretError::Io(_))
        ));
        assert!(matches!(
            read_passphrase_file(file(&"x".repeat(5000), 0o600).path()),
            Err(SecretError::Io(_))
        ));
    }
}

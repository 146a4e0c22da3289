//! Looks for what must not lie about readably: in every file that the window left behind, the web view's own included.

use crate::Outcome;
use std::path::Path;

/// Fails if any file below `folder` holds one of the texts, as UTF-8 or as the UTF-16 that web views store.
pub fn nothing_readable_in(folder: &Path, texts: &[&str]) -> Outcome {
    let mut files = 0;
    let wanted: Vec<(&str, Vec<u8>)> = texts
        .iter()
        .flat_map(|text| {
            let wide = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            [(*text, text.as_bytes().to_vec()), (*text, wide)]
        })
        .collect();
    look(folder, &wanted, &mut files)?;
    // An empty folder would pass by being the wrong one.
    if files < 2 {
        Err(format!(
            "{} holds {files} files: is it the data folder?",
            folder.display()
        ))
    } else {
        Ok(())
    }
}

fn look(folder: &Path, wanted: &[(&str, Vec<u8>)], files: &mut u32) -> Outcome {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            look(&path, wanted, files)?;
        } else if path.is_file() {
            *files += 1;
            let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            for (text, as_bytes) in wanted {
                if bytes
                    .windows(as_bytes.len())
                    .any(|window| window == as_bytes.as_slice())
                {
                    return Err(format!("{} holds {text} readably", path.display()));
                }
            }
        }
    }
    Ok(())
}

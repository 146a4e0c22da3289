//! The demo's memory over restarts: a JSON-lines file of token ids, states, one-click, versions and planned
//! purges. Never an email, a name or a key. A torn last line is dropped; a file of another world is replaced.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::world::{Kept, NONE, TokenState, World};

#[derive(Deserialize, PartialEq, Eq, Serialize)]
struct Header {
    customers: u32,
    seed: u64,
}

#[derive(Deserialize, Serialize)]
struct Line {
    id: u64,
    state: String,
    one_click: bool,
    version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    purge_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    gone: bool,
}

pub(crate) struct Journal {
    file: File,
}

impl Journal {
    /// Opens the journal of a world, puts back what it remembers, and rewrites it with one line a token.
    pub(crate) fn open(path: &Path, customers: u32, world: &mut World, now: i64) -> io::Result<Self> {
        let header = Header {
            customers,
            seed: world.seed,
        };
        let lines = read(path, &header)?;
        let fresh = path.with_extension("rewriting");
        let mut file = File::create(&fresh)?;
        write_line(&mut file, &header)?;
        for (id, line) in lines {
            let Some(state) = TokenState::parse(&line.state) else {
                continue;
            };
            if world.find(id).is_none() {
                continue;
            }
            let kept = Kept {
                state,
                one_click: line.one_click,
                version: line.version,
                purge: line.purge_ms,
                gone: line.gone,
            };
            world.restore(id, kept, now);
            write_line(&mut file, &line)?;
        }
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        Ok(Self { file })
    }

    /// Remembers the tokens at these places. Those made since the start have no place in the seed's world and
    /// are forgotten with the process.
    pub(crate) fn note(&mut self, world: &World, places: &[u32]) -> io::Result<()> {
        let mut all = Vec::new();
        for token in places.iter().map(|place| &world.tokens[*place as usize]) {
            if token.customer == NONE {
                continue;
            }
            let line = Line {
                id: token.id,
                state: token.state.text().to_owned(),
                one_click: token.one_click,
                version: token.version,
                purge_ms: token.purge,
                gone: token.gone,
            };
            write_line(&mut all, &line)?;
        }
        self.file.write_all(&all)
    }
}

fn write_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    out.write_all(&line)
}

fn read(path: &Path, header: &Header) -> io::Result<BTreeMap<u64, Line>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error),
    };
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let same_world = lines
        .next()
        .and_then(|line| serde_json::from_slice::<Header>(line).ok())
        .is_some_and(|found| found == *header);
    if !same_world {
        return Ok(BTreeMap::new());
    }
    Ok(lines
        .filter_map(|line| serde_json::from_slice::<Line>(line).ok())
        .map(|line| (line.id, line))
        .collect())
}

//! The window test: the real window, driven as a person would, against a payment system played by another process, with a
//! real keyring. Run by `cargo xtask test window`, which provides the screen, the bus and the keyring.
//!
//! Knows the product by what is on the screen and what the payment system holds, and by nothing in between.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a terminal is its only face"
)]

mod app;
mod bulk;
mod conflicts;
mod eyes;
mod held;
mod leak;
mod outage;
mod outside;
mod records;
mod screen;
mod story;
mod systems;

use std::path::PathBuf;
use std::process::ExitCode;

/// What ends the test, in words.
pub type Outcome<T = ()> = Result<T, String>;

/// Where the programs are and where pictures go.
pub struct Places {
    /// Folder of the built programs.
    pub programs: PathBuf,
    /// `tauri-driver`.
    pub driver: PathBuf,
    /// Folder for pictures.
    pub pictures: PathBuf,
}

impl Places {
    fn find() -> Outcome<Self> {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        let programs = own.parent().ok_or("this program lies nowhere")?.to_owned();
        let named = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let driver = named("TAURI_DRIVER")
            .ok_or("TAURI_DRIVER names no tauri-driver; run `cargo xtask test window`")?;
        let pictures = named("TOKENDESK_PICTURES").unwrap_or_else(|| programs.join("window-test"));
        Ok(Self {
            programs,
            driver,
            pictures,
        })
    }

    /// A program of this workspace.
    pub fn program(&self, name: &str) -> PathBuf {
        self.programs
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let told = async {
        let places = Places::find()?;
        // Pictures of an earlier run would be taken for this one's.
        let _ = std::fs::remove_dir_all(&places.pictures);
        std::fs::create_dir_all(&places.pictures)
            .map_err(|error| format!("{}: {error}", places.pictures.display()))?;
        story::tell(&places).await
    };
    match told.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

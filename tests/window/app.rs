//! The window under test: started through tauri-driver, ended as a session's end would end it.

use crate::eyes::Eyes;
use crate::{Outcome, Places, screen};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use thirtyfour::Capabilities;
use thirtyfour::prelude::*;
use tokio::process::{Child, Command};

/// Light or dark, as the desktop around the window is.
#[derive(Clone, Copy)]
pub enum Theme {
    Light,
    Dark,
}

/// A running window.
pub struct App {
    driver: WebDriver,
    server: Child,
    program: PathBuf,
    data: PathBuf,
    pictures: PathBuf,
}

impl App {
    /// Starts the window on a data folder.
    pub async fn start(places: &Places, data: &Path, theme: Theme) -> Outcome<Self> {
        let (port, native_port) = (free_port()?, free_port()?);
        let program = places.program("tokendesk");
        // Asked to end, it ends the native driver too; killed, it would leave it behind, whatever became of this test.
        let mut server = Command::new("setpriv");
        server.args(["--pdeathsig", "TERM", "--"]).arg(&places.driver);
        server
            .args([
                "--port",
                &port.to_string(),
                "--native-port",
                &native_port.to_string(),
            ])
            .env("TOKENDESK_DATA_DIR", data)
            .env(
                "GTK_THEME",
                if matches!(theme, Theme::Dark) {
                    "Adwaita:dark"
                } else {
                    "Adwaita"
                },
            )
            .env_remove("TOKENDESK_PASSPHRASE_FILE")
            .env_remove("TOKENDESK_START_DEMO");
        let server = server
            .spawn()
            .map_err(|error| format!("tauri-driver cannot be started: {error}"))?;
        let mut wanted = Capabilities::new();
        let set = wanted
            .set("browserName", "wry")
            .and_then(|()| wanted.set("tauri:options", serde_json::json!({ "application": program })));
        set.map_err(|error| error.to_string())?;

        let until = Instant::now() + Duration::from_secs(60);
        let driver = loop {
            match WebDriver::new(format!("http://127.0.0.1:{port}"), wanted.clone()).await {
                Ok(driver) => break driver,
                Err(error) if Instant::now() > until => {
                    return Err(format!("the window did not start: {error}"));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        };
        Ok(Self {
            driver,
            server,
            program,
            data: data.to_owned(),
            pictures: places.pictures.clone(),
        })
    }

    /// What looks at the window and acts on it.
    pub fn eyes(&self) -> Eyes<'_> {
        Eyes::on(&self.driver, &self.pictures)
    }

    /// Closes the window in the way a session's end does, and waits until its process is gone.
    pub async fn close(self) -> Outcome {
        let process = self.process()?;
        if !asked_to_end(process).await {
            return Err(format!("the window, process {process}, cannot be asked to close"));
        }
        self.ended().await
    }

    /// Presses the cross in the corner of the window.
    pub fn press_cross(&self) -> Outcome {
        screen::ask_to_close(self.process()?)
    }

    /// Waits until the window's process is gone.
    pub async fn ended(mut self) -> Outcome {
        let until = Instant::now() + Duration::from_secs(30);
        while running(&self.program, &self.data).is_some() {
            if Instant::now() > until {
                return Err("the window did not close within 30 seconds of being asked".into());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // The driver's session ended with the window.
        let _ = self.driver.quit().await;
        if let Some(server) = self.server.id() {
            asked_to_end(server).await;
        }
        self.server
            .wait()
            .await
            .map(drop)
            .map_err(|error| format!("tauri-driver: {error}"))
    }

    fn process(&self) -> Outcome<u32> {
        running(&self.program, &self.data).ok_or_else(|| "the window has ended by itself".into())
    }
}

async fn asked_to_end(process: u32) -> bool {
    let asked = Command::new("sh")
        .args(["-c", &format!("kill -TERM {process}")])
        .status()
        .await;
    asked.is_ok_and(|status| status.success())
}

/// The process that runs `program` on this data folder, if there is one; another window may be open beside the test.
fn running(program: &Path, data: &Path) -> Option<u32> {
    let program = program.canonicalize().ok()?;
    let folder = format!("TOKENDESK_DATA_DIR={}", data.display());
    std::fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let number = entry.file_name().to_str()?.parse().ok()?;
        let runs = std::fs::read_link(entry.path().join("exe")).ok()? == program;
        let environment = std::fs::read(entry.path().join("environ")).ok()?;
        let here = environment
            .split(|byte| *byte == 0)
            .any(|line| line == folder.as_bytes());
        (runs && here).then_some(number)
    })
}

/// A port that was free a moment ago.
fn free_port() -> Outcome<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener
        .map(|address| address.port())
        .map_err(|error| error.to_string())
}

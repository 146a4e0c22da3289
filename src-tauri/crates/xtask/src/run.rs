//! `cargo xtask run`: the window on the built-in demo, with or without a display.

use crate::session::{Session, dying_with_us};
use crate::setup::{self, Purpose};
use crate::{Outcome, paths, proc, test};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// What the window logs when a list of people was answered; see src-tauri/src/commands.rs.
const PEOPLE: &str = "people listed";

/// Part of many an invented email.
const SOMEBODY: &str = "ann";

/// How to run.
#[derive(Default)]
pub struct Options {
    once: bool,
    keep: bool,
}

impl Options {
    /// Reads `--once` and `--keep`.
    pub fn parse(words: &[&str]) -> Outcome<Self> {
        let mut options = Options::default();
        for word in words {
            match *word {
                "--once" => options.once = true,
                "--keep" => options.keep = true,
                other => {
                    return Err(format!(
                        "`cargo xtask run` does not know {other}; it takes --once and --keep"
                    ));
                }
            }
        }
        Ok(options)
    }
}

/// Sets up, builds, opens the window.
pub fn run(options: Options) -> Outcome {
    let seen = cfg!(not(target_os = "linux"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    setup::system_packages(if seen { Purpose::Run } else { Purpose::RunUnseen })?;
    setup::npm_packages()?;
    setup::pages()?;
    println!("Building (the first time takes some minutes)");
    proc::loud(Command::new("cargo").args(test::BUILD).current_dir(paths::root()))?;

    let data = paths::target().join("run-data");
    if !options.keep && data.exists() {
        std::fs::remove_dir_all(&data).map_err(|error| format!("{}: {error}", data.display()))?;
    }
    if seen {
        on_the_display(&data)
    } else {
        unseen(&data, options.once)
    }
}

/// On a real display the demo keeps its keys in a sealed file, so that no entry is left behind in the person's keychain.
fn on_the_display(data: &Path) -> Outcome {
    let passphrase = paths::target().join("run-passphrase");
    write_private(&passphrase, "only for the built-in demo\n")?;
    println!("Opening the window; closing it ends this command");
    let mut app = Command::new(paths::program("tokendesk"));
    app.env("TOKENDESK_DATA_DIR", data)
        .env("TOKENDESK_PASSPHRASE_FILE", passphrase)
        .env("TOKENDESK_START_DEMO", "1");
    proc::loud(&mut app)
}

fn unseen(data: &Path, once: bool) -> Outcome {
    println!("There is no display: starting a virtual one, with a session bus and a keyring");
    let session = Session::start()?;
    let mut app = dying_with_us(&paths::program("tokendesk").to_string_lossy());
    session.enter(&mut app);
    app.env("TOKENDESK_DATA_DIR", data)
        .env("TOKENDESK_START_DEMO", "1");
    let asked = std::env::var("TOKENDESK_LOG").ok();
    app.env("TOKENDESK_LOG", asked.as_deref().unwrap_or("tokendesk=info"));
    let mut app = app
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("the window cannot be started: {error}"))?;

    let (said, heard) = mpsc::channel();
    if let Some(log) = app.stderr.take() {
        std::thread::spawn(move || {
            for line in BufReader::new(log).lines().map_while(Result::ok) {
                if asked.is_some() {
                    eprintln!("{line}");
                }
                if line.contains(PEOPLE) {
                    // Nobody listens any more once the picture is taken.
                    let _ = said.send(!line.ends_with("people=0"));
                }
            }
        });
    }
    let picture = match shown(&session, &mut app, &heard) {
        Ok(picture) => picture,
        Err(why) => {
            let _ = session.picture(&paths::target().join("tokendesk.png"));
            let _ = app.kill();
            let _ = app.wait();
            return Err(why);
        }
    };
    println!("The window shows the demo's people: {}", picture.display());
    if once {
        return end(app);
    }
    println!("It keeps running without a display until Ctrl-C");
    match app.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the window ended with {status}")),
        Err(error) => Err(format!("the window: {error}")),
    }
}

/// Does what a person would do first: waits for the list, types part of an email, opens who is found.
fn shown(session: &Session, app: &mut Child, heard: &mpsc::Receiver<bool>) -> Outcome<PathBuf> {
    wait(app, heard, "an empty list", |_| true)?;
    settled_picture(session)?;
    hands(session, &["type", "--delay", "120", SOMEBODY])?;
    wait(app, heard, "people", |people| people)?;
    settled_picture(session)?;
    hands(session, &["key", "Return"])?;
    settled_picture(session)
}

/// Keys for the window; there is no window manager here that would give it the focus.
fn hands(session: &Session, keys: &[&str]) -> Outcome {
    let mut command = Command::new("xdotool");
    session.enter(&mut command);
    command
        .args(["search", "--onlyvisible", "--name", "^Tokendesk$", "windowfocus"])
        .args(keys);
    proc::answer(&mut command)
        .map(drop)
        .ok_or_else(|| format!("`{}` failed", proc::shown(&command)))
}

fn wait(
    app: &mut Child,
    heard: &mpsc::Receiver<bool>,
    for_what: &str,
    enough: impl Fn(bool) -> bool,
) -> Outcome {
    let until = Instant::now() + Duration::from_secs(180);
    loop {
        match heard.recv_timeout(Duration::from_millis(500)) {
            Ok(people) if enough(people) => return Ok(()),
            Ok(_) | Err(mpsc::RecvTimeoutError::Timeout) if Instant::now() < until => {}
            _ => break,
        }
    }
    match app.try_wait() {
        Ok(Some(status)) => Err(format!(
            "the window ended with {status} before it showed {for_what}; TOKENDESK_LOG=debug says more"
        )),
        _ => Err(format!(
            "the window did not show {for_what} within three minutes; see {}; TOKENDESK_LOG=debug says more",
            paths::target().join("tokendesk.png").display()
        )),
    }
}

/// Takes pictures until two in a row are the same: reading is over and nothing moves any more.
fn settled_picture(session: &Session) -> Outcome<PathBuf> {
    let picture = paths::target().join("tokendesk.png");
    let earlier = paths::target().join("tokendesk-earlier.ppm");
    let now = paths::target().join("tokendesk-now.ppm");
    let until = Instant::now() + Duration::from_secs(120);
    session.picture(&earlier)?;
    loop {
        std::thread::sleep(Duration::from_secs(2));
        session.picture(&now)?;
        let same = std::fs::read(&earlier).ok() == std::fs::read(&now).ok();
        if same || Instant::now() > until {
            break;
        }
        std::fs::rename(&now, &earlier).map_err(|error| format!("{}: {error}", earlier.display()))?;
    }
    session.picture(&picture)?;
    let _ = std::fs::remove_file(&earlier);
    let _ = std::fs::remove_file(&now);
    Ok(picture)
}

/// Asks the window to close and waits for it.
fn end(mut app: Child) -> Outcome {
    proc::loud(Command::new("sh").args(["-c", &format!("kill -TERM {}", app.id())]))?;
    let until = Instant::now() + Duration::from_secs(20);
    while Instant::now() < until {
        match app.try_wait() {
            Ok(Some(_)) => return Ok(()),
            Ok(None) => std::thread::sleep(Duration::from_millis(100)),
            Err(error) => return Err(format!("the window: {error}")),
        }
    }
    let _ = app.kill();
    let _ = app.wait();
    Err("the window did not close within 20 seconds of being asked".into())
}

fn write_private(path: &Path, text: &str) -> Outcome {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    std::fs::write(path, text).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    }
    Ok(())
}

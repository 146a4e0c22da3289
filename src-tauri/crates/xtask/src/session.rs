//! A desktop session of our own where there is none, or where a test must not meet the person's: a screen in memory, a
//! session bus, and a real Secret Service with an unlocked keyring. The person's own keyring is never touched.

use crate::{Outcome, proc};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The size of the window, which is all that is on this screen.
const SCREEN: &str = "1280x800x24";

/// A running session. Dropped: everything in it ends and its folder is removed.
pub struct Session {
    folder: PathBuf,
    display: String,
    bus: String,
    children: Vec<Child>,
}

impl Session {
    /// Starts one and waits until its keyring answers as unlocked.
    pub fn start() -> Outcome<Self> {
        // Under the system's short temporary folder: the path of a socket in it may have at most 107 bytes.
        let folder = std::env::temp_dir().join(format!("tokendesk-session-{}", std::process::id()));
        remove_abandoned();
        for name in ["data", "config", "cache", "run"] {
            make_private(&folder.join(name))?;
        }
        let mut session = Session {
            folder,
            display: String::new(),
            bus: String::new(),
            children: Vec::new(),
        };
        session.display = session.screen()?;
        session.bus = session.session_bus()?;
        session.keyring()?;
        Ok(session)
    }

    /// Makes `command` run inside this session.
    pub fn enter(&self, command: &mut Command) {
        command
            .env("DISPLAY", &self.display)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("XDG_DATA_HOME", self.folder.join("data"))
            .env("XDG_CONFIG_HOME", self.folder.join("config"))
            .env("XDG_CACHE_HOME", self.folder.join("cache"))
            .env("XDG_RUNTIME_DIR", self.folder.join("run"))
            .env("XDG_SESSION_TYPE", "x11")
            .env("GDK_BACKEND", "x11")
            .env("GSETTINGS_BACKEND", "memory")
            .env("NO_AT_BRIDGE", "1")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            // There is no graphics card behind this screen.
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env_remove("WAYLAND_DISPLAY");
    }

    /// A picture of the whole screen.
    pub fn picture(&self, to: &Path) -> Outcome {
        let mut command = Command::new("import");
        self.enter(&mut command);
        proc::loud(command.args(["-window", "root"]).arg(to))
    }

    fn screen(&mut self) -> Outcome<String> {
        let mut command = dying_with_us("Xvfb");
        command.args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            SCREEN,
            "-nolisten",
            "tcp",
            "-noreset",
        ]);
        let number = self.first_line(command)?;
        Ok(format!(":{number}"))
    }

    fn session_bus(&mut self) -> Outcome<String> {
        let mut command = dying_with_us("dbus-daemon");
        self.enter(&mut command);
        command
            .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
            .env_remove("DBUS_SESSION_BUS_ADDRESS");
        self.first_line(command)
    }

    fn keyring(&mut self) -> Outcome {
        let mut command = dying_with_us("gnome-keyring-daemon");
        self.enter(&mut command);
        command.args(["--foreground", "--unlock", "--components=secrets"]);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut daemon = command
            .spawn()
            .map_err(|error| format!("gnome-keyring-daemon cannot be started: {error}"))?;
        // Its end of input is the end of the password. The keyring lives as long as this session and holds invented keys.
        if let Some(mut input) = daemon.stdin.take() {
            input
                .write_all(b"invented")
                .map_err(|error| format!("gnome-keyring-daemon: {error}"))?;
        }
        self.children.push(daemon);
        let until = Instant::now() + Duration::from_secs(30);
        while Instant::now() < until {
            if self.keyring_is_open() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err("gnome-keyring-daemon did not offer an unlocked keyring within 30 seconds".into())
    }

    fn keyring_is_open(&self) -> bool {
        // Whoever speaks to the name before it has an owner makes the bus start a second keyring, a locked one.
        let owned = [
            "org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus.NameHasOwner",
        ];
        let locked = [
            "org.freedesktop.secrets",
            "/org/freedesktop/secrets/aliases/default",
            "org.freedesktop.DBus.Properties.Get",
        ];
        self.ask(owned, &["string:org.freedesktop.secrets"])
            .is_some_and(|reply| reply.contains("boolean true"))
            && self
                .ask(
                    locked,
                    &["string:org.freedesktop.Secret.Collection", "string:Locked"],
                )
                .is_some_and(|reply| reply.contains("boolean false"))
    }

    fn ask(&self, [name, path, method]: [&str; 3], arguments: &[&str]) -> Option<String> {
        let mut command = Command::new("dbus-send");
        self.enter(&mut command);
        command
            .args([
                "--session",
                "--print-reply",
                &format!("--dest={name}"),
                path,
                method,
            ])
            .args(arguments);
        proc::answer(&mut command)
    }

    /// Starts a server that says where it listens in its first line.
    fn first_line(&mut self, mut command: Command) -> Outcome<String> {
        let name = proc::shown(&command);
        let failed = |why: String| format!("`{name}`: {why}");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
        let output = child.stdout.take();
        self.children.push(child);
        let mut line = String::new();
        let mut reader = BufReader::new(output.ok_or_else(|| failed("no output".into()))?);
        reader
            .read_line(&mut line)
            .map_err(|error| failed(error.to_string()))?;
        match line.trim() {
            "" => Err(failed("ended without saying where it listens".into())),
            said => Ok(said.to_owned()),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A command that the system ends when this process ends, however that happens.
pub fn dying_with_us(program: &str) -> Command {
    if !proc::exists("setpriv") {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM", "--", program]);
    command
}

fn make_private(folder: &Path) -> Outcome {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}

/// Removes the folders of sessions whose process was killed.
fn remove_abandoned() {
    let Ok(entries) = std::env::temp_dir().read_dir() else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(process) = name
            .to_str()
            .and_then(|name| name.strip_prefix("tokendesk-session-"))
        else {
            continue;
        };
        if Path::new("/proc/self").exists() && !Path::new("/proc").join(process).exists() {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

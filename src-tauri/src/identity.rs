//! Who sits here, as the log of changes names them.

/// The OS user's name.
pub fn who() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok())
        .or_else(signed_in)
        .filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}

/// Programs started by a service may have no environment to speak of; the system knows whose they are.
fn signed_in() -> Option<String> {
    let answer = std::process::Command::new("id").arg("-un").output().ok()?;
    answer
        .status
        .success()
        .then(|| String::from_utf8_lossy(&answer.stdout).trim().to_owned())
}

/// This computer's name.
pub fn desk_name() -> String {
    from_system()
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "unnamed".to_owned())
}

#[cfg(target_os = "linux")]
fn from_system() -> Option<String> {
    std::fs::read_to_string("/proc/sys/kernel/hostname").ok()
}

#[cfg(target_os = "windows")]
fn from_system() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

#[cfg(not(any(target_os = "linux", target_os = "windows")))]
fn from_system() -> Option<String> {
    let answer = std::process::Command::new("hostname").arg("-s").output().ok()?;
    String::from_utf8(answer.stdout).ok()
}

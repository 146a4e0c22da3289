//! Interrupts from the keyboard: what runs long is stopped cleanly by the first.

/// As a shell reports a program that an interrupt ended.
pub const INTERRUPTED: i32 = 130;

/// Interrupts from the keyboard, heard from the moment it is made: the first stops cleanly, the second at once.
pub struct Interrupts(Option<Heard>);

#[cfg(unix)]
type Heard = tokio::signal::unix::Signal;
#[cfg(windows)]
type Heard = tokio::signal::windows::CtrlC;

impl Interrupts {
    /// Begins to listen.
    pub fn listen() -> Self {
        #[cfg(unix)]
        let heard = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt());
        #[cfg(windows)]
        let heard = tokio::signal::windows::ctrl_c();
        // Without it an interrupt ends the program as always; what was read is kept either way.
        Self(heard.ok())
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        let heard = match &mut self.0 {
            Some(heard) => heard.recv().await,
            None => None,
        };
        if heard.is_none() {
            std::future::pending().await
        }
    }
}

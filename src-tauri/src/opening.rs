//! Opening the desk takes time and can fail (a locked keychain, another holder of the folder). The window is there from the
//! first moment, commands wait, and a failure is answered in words until a person asks again.

use futures::future::BoxFuture;
use std::future::Future;
use std::sync::Arc;
use tokendesk_desk::contract::{Problem, ProblemCode};
use tokio::sync::watch;

/// Where opening stands. `D` is the desk; a test opens something simpler.
#[derive(Clone)]
enum State<D> {
    /// Commands wait.
    Opening,
    /// Commands go through.
    Ready(D),
    /// Commands answer the problem; `told` once the status command has answered it.
    Failed { problem: Problem, told: bool },
}

type Attempt<D> = dyn Fn() -> BoxFuture<'static, Result<D, Problem>> + Send + Sync;

/// The desk, once it is open.
pub struct Opening<D> {
    state: Arc<watch::Sender<State<D>>>,
    attempt: Arc<Attempt<D>>,
}

impl<D: Clone + Send + Sync + 'static> Opening<D> {
    /// Begins the first attempt in the background.
    pub fn begin<F, A>(attempt: F) -> Self
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = Result<D, Problem>> + Send + 'static,
    {
        let attempt: Arc<Attempt<D>> = Arc::new(move || Box::pin(attempt()));
        let opening = Self {
            state: Arc::new(watch::Sender::new(State::Opening)),
            attempt,
        };
        opening.try_once();
        opening
    }

    fn try_once(&self) {
        let (state, attempt) = (Arc::clone(&self.state), Arc::clone(&self.attempt));
        tauri::async_runtime::spawn(async move {
            let next = match attempt().await {
                Ok(desk) => State::Ready(desk),
                Err(problem) => {
                    tracing::warn!(code = ?problem.code, "the desk did not open");
                    State::Failed { problem, told: false }
                }
            };
            state.send_replace(next);
        });
    }

    /// The desk, waiting while it is being opened.
    ///
    /// # Errors
    /// Why it could not be opened.
    pub async fn desk(&self) -> Result<D, Problem> {
        let mut told = self.state.subscribe();
        // The sender lives as long as `self`.
        let now = told.wait_for(|state| !matches!(state, State::Opening)).await;
        match now.as_deref() {
            Ok(State::Ready(desk)) => Ok(desk.clone()),
            Ok(State::Failed { problem, .. }) => Err(problem.clone()),
            Ok(State::Opening) | Err(_) => Err(Problem::new(ProblemCode::Internal)),
        }
    }

    /// As [`Self::desk`], for the command that a start page asks with. A failure that was answered here once is tried
    /// anew: asking again is how a person says "try again".
    ///
    /// # Errors
    /// Why it could not be opened.
    pub async fn desk_or_again(&self) -> Result<D, Problem> {
        let again = self.state.send_if_modified(|state| {
            let again = matches!(state, State::Failed { told: true, .. });
            if again {
                *state = State::Opening;
            }
            again
        });
        if again {
            self.try_once();
        }
        let desk = self.desk().await;
        if desk.is_err() {
            self.state.send_if_modified(|state| {
                if let State::Failed { told, .. } = state {
                    *told = true;
                }
                false
            });
        }
        desk
    }

    /// The desk if it is open now.
    pub fn open_desk(&self) -> Option<D> {
        match &*self.state.borrow() {
            State::Ready(desk) => Some(desk.clone()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn failing_until(attempts: u32) -> (Opening<u32>, Arc<AtomicU32>) {
        let tried = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&tried);
        let opening = Opening::begin(move || {
            let now = counter.fetch_add(1, Ordering::SeqCst) + 1;
            async move {
                if now < attempts {
                    Err(Problem::new(ProblemCode::KeychainLocked))
                } else {
                    Ok(now)
                }
            }
        });
        (opening, tried)
    }

    #[test]
    fn commands_wait_for_the_desk_and_get_it() {
        let (opening, tried) = failing_until(1);
        assert_eq!(tauri::async_runtime::block_on(opening.desk()), Ok(1));
        assert_eq!(opening.open_desk(), Some(1));
        assert_eq!(tried.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_failure_is_told_once_before_it_is_tried_again() {
        let (opening, tried) = failing_until(3);
        tauri::async_runtime::block_on(async {
            let problem = opening.desk_or_again().await.unwrap_err();
            assert_eq!(problem.code, ProblemCode::KeychainLocked);
            assert_eq!(
                tried.load(Ordering::SeqCst),
                1,
                "the first answer tells the first attempt"
            );
            assert_eq!(
                opening.desk().await.unwrap_err().code,
                ProblemCode::KeychainLocked
            );
            assert_eq!(tried.load(Ordering::SeqCst), 1, "other commands never try anew");
            assert!(opening.desk_or_again().await.is_err());
            assert_eq!(opening.desk_or_again().await, Ok(3));
            assert_eq!(opening.desk().await, Ok(3));
        });
        assert_eq!(tried.load(Ordering::SeqCst), 3);
    }
}

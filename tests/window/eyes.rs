//! Looking at the window and acting on it. Everything waits for what it needs, says plainly what did not appear, and leaves a
//! picture of the moment.

use crate::Outcome;
use std::path::Path;
use std::time::{Duration, Instant};
use thirtyfour::prelude::*;

/// Nothing on a screen takes this long; a slower machine than this is broken.
const PATIENCE: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Eyes and hands on one window.
#[derive(Clone, Copy)]
pub struct Eyes<'a> {
    pub driver: &'a WebDriver,
    pub pictures: &'a Path,
    patience: Duration,
}

/// The place of a test id on the page.
pub fn id(name: &str) -> String {
    format!("[data-testid=\"{name}\"]")
}

impl<'a> Eyes<'a> {
    /// On this window, with pictures going to this folder.
    pub fn on(driver: &'a WebDriver, pictures: &'a Path) -> Self {
        Self {
            driver,
            pictures,
            patience: PATIENCE,
        }
    }

    /// For what takes longer than anything on a screen does: hundreds of cards at the payment system.
    #[must_use]
    pub fn waiting(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The first element there is.
    pub async fn see(&self, css: &str) -> Outcome<WebElement> {
        let until = Instant::now() + self.patience;
        loop {
            if let Ok(element) = self.driver.find(By::Css(css)).await {
                return Ok(element);
            }
            self.rest(until, || format!("{css} did not appear")).await?;
        }
    }

    /// Waits until nothing like it is there.
    pub async fn gone(&self, css: &str) -> Outcome {
        let until = Instant::now() + self.patience;
        while !self
            .driver
            .find_all(By::Css(css))
            .await
            .is_ok_and(|found| found.is_empty())
        {
            self.rest(until, || format!("{css} did not go away")).await?;
        }
        Ok(())
    }

    /// Waits until the text of an element holds all these words, whatever their case.
    pub async fn read(&self, css: &str, words: &[&str]) -> Outcome<String> {
        let until = Instant::now() + self.patience;
        let mut last = String::new();
        loop {
            // An element may be replaced between finding and reading it.
            if let Ok(element) = self.driver.find(By::Css(css)).await
                && let Ok(text) = element.text().await
            {
                let folded = text.to_lowercase();
                if words.iter().all(|word| folded.contains(&word.to_lowercase())) {
                    return Ok(text);
                }
                last = text;
            }
            self.rest(until, || {
                format!("{css} does not say {words:?}; it says {last:?}")
            })
            .await?;
        }
    }

    /// Waits until an attribute has a value.
    pub async fn attribute(&self, css: &str, name: &str, value: Option<&str>) -> Outcome {
        let until = Instant::now() + self.patience;
        let mut last = None;
        loop {
            if let Ok(element) = self.driver.find(By::Css(css)).await
                && let Ok(now) = element.attr(name).await
            {
                if now.as_deref() == value {
                    return Ok(());
                }
                last = now;
            }
            self.rest(until, || format!("{name} of {css} is not {value:?} but {last:?}"))
                .await?;
        }
    }

    /// Presses it, once it is there and takes presses.
    pub async fn press(&self, css: &str) -> Outcome {
        let until = Instant::now() + self.patience;
        loop {
            let pressed = match self.driver.find(By::Css(css)).await {
                Ok(element) => element.click().await,
                Err(error) => Err(error),
            };
            match pressed {
                Ok(()) => return Ok(()),
                Err(error) => {
                    self.rest(until, || format!("{css} cannot be pressed: {error}"))
                        .await?
                }
            }
        }
    }

    /// Types into a field, over what is in it.
    pub async fn write(&self, css: &str, text: &str) -> Outcome {
        let field = self.see(css).await?;
        let typed = async {
            field.click().await?;
            field.send_keys(Key::Control + "a").await?;
            field.send_keys(text).await
        };
        match typed.await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.failed(&format!("{css} takes no text: {error}")).await),
        }
    }

    /// Presses a key where the focus is, as often as a person would, until an element is there.
    pub async fn key_until(&self, key: Key, css: &str) -> Outcome {
        let until = Instant::now() + self.patience;
        loop {
            if let Err(error) = self.driver.action_chain().send_keys(key.clone()).perform().await {
                return Err(self.failed(&format!("a key was not taken: {error}")).await);
            }
            for _ in 0..20 {
                if self.has(css).await {
                    return Ok(());
                }
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
            self.rest(until, || format!("{css} did not appear after a key"))
                .await?;
        }
    }

    /// Presses Ctrl and a letter where the focus is.
    pub async fn chord(&self, letter: &str) -> Outcome {
        let chain = self.driver.action_chain().key_down(Key::Control);
        match chain.send_keys(letter).key_up(Key::Control).perform().await {
            Ok(()) => Ok(()),
            Err(error) => Err(self
                .failed(&format!("Ctrl {letter} was not taken: {error}"))
                .await),
        }
    }

    /// Waits until there are so many of them.
    pub async fn count(&self, css: &str, wanted: usize) -> Outcome {
        let until = Instant::now() + self.patience;
        loop {
            let there = match self.driver.find_all(By::Css(css)).await {
                Ok(found) => found.len(),
                Err(_) => 0,
            };
            if there == wanted {
                return Ok(());
            }
            self.rest(until, || format!("{there} of {css} instead of {wanted}"))
                .await?;
        }
    }

    /// Scrolls to it.
    pub async fn scroll_to(&self, css: &str) -> Outcome {
        let element = self.see(css).await?;
        match element.scroll_into_view().await {
            Ok(()) => Ok(()),
            Err(error) => Err(self
                .failed(&format!("{css} cannot be scrolled to: {error}"))
                .await),
        }
    }

    /// Whether such an element is there now.
    pub async fn has(&self, css: &str) -> bool {
        self.driver.find(By::Css(css)).await.is_ok()
    }

    /// A picture of the whole screen.
    pub async fn picture(&self, name: &str) -> Outcome {
        // A transition takes up to a quarter of a second.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let to = self.pictures.join(format!("{name}.png"));
        let taken = tokio::process::Command::new("import")
            .args(["-window", "root"])
            .arg(&to)
            .status()
            .await;
        match taken {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("import ended with {status}")),
            Err(error) => Err(format!("import cannot be started: {error}")),
        }
    }

    async fn rest(&self, until: Instant, what: impl FnOnce() -> String) -> Outcome {
        if Instant::now() < until {
            tokio::time::sleep(BETWEEN_LOOKS).await;
            return Ok(());
        }
        Err(self.failed(&what()).await)
    }

    /// What did not happen, what the page says instead, and a picture of it. The people on it are invented.
    pub async fn failed(&self, what: &str) -> String {
        let picture = match self.picture("failed").await {
            Ok(()) => format!("see {}", self.pictures.join("failed.png").display()),
            Err(why) => format!("there is no picture: {why}"),
        };
        let page = match self.driver.find(By::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(error) => format!("(the page cannot be read: {error})"),
        };
        let page: String = page.chars().take(3_000).collect();
        format!("{what}; {picture}\n--- the page says ---\n{page}\n---")
    }
}

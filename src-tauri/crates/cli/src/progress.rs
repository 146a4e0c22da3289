//! Bars on a terminal while accounts are read: how much of how much, how fast. On standard error, and only for a person.

use crate::layout::plain;
use crate::words;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::HashMap;
use std::io::IsTerminal;
use tokendesk_desk::contract::AccountView;

/// One bar an account.
pub struct Bars {
    all: MultiProgress,
    by_account: HashMap<String, ProgressBar>,
    shown: bool,
}

impl Bars {
    /// For `accounts`; silent when a script reads or nobody can see them.
    pub fn new(json: bool, accounts: &[AccountView]) -> Self {
        let shown = !json && std::io::stderr().is_terminal();
        let target = if shown {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let all = MultiProgress::with_draw_target(target);
        let mut by_account = HashMap::new();
        if shown {
            for account in accounts.iter().filter(|account| account.paused.is_none()) {
                let bar = all.add(ProgressBar::no_length().with_style(counting()));
                bar.set_prefix(plain(&account.label));
                by_account.insert(account.id.clone(), bar);
            }
        }
        Self {
            all,
            by_account,
            shown,
        }
    }

    /// Shows how far they are.
    pub fn show(&mut self, accounts: &[AccountView]) {
        if !self.shown {
            return;
        }
        for account in accounts {
            let (Some(bar), Some(progress)) = (self.by_account.get(&account.id), &account.progress) else {
                continue;
            };
            match progress.total.filter(|total| *total >= progress.done) {
                Some(total) => {
                    bar.set_style(measured());
                    bar.set_length(total.into());
                }
                // Expected counts come from the last complete pass; there may be none, or more rows than then.
                None => bar.set_style(counting()),
            }
            bar.set_position(progress.done.into());
            bar.set_message(words::progress(progress));
        }
    }

    /// An account has ended.
    pub fn end(&mut self, account: &str) {
        if let Some(bar) = self.by_account.remove(account) {
            bar.finish_and_clear();
        }
    }

    /// Leaves nothing on the screen.
    pub fn clear(&mut self) {
        for (_, bar) in self.by_account.drain() {
            bar.finish_and_clear();
        }
        // A terminal that cannot be cleared has gone.
        let _ = self.all.clear();
    }
}

/// One bar over the rows of a plan.
pub struct Counting(ProgressBar);

impl Counting {
    /// Over `total` rows; silent when a script reads or nobody can see it.
    pub fn new(json: bool, total: u32) -> Self {
        let shown = !json && std::io::stderr().is_terminal();
        let target = if shown {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self(ProgressBar::with_draw_target(Some(total.into()), target).with_style(measured()))
    }

    /// Shows how far it is.
    pub fn show(&self, ended: u32, words: String) {
        self.0.set_position(ended.into());
        self.0.set_message(words);
    }

    /// Leaves nothing on the screen.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }
}

const MEASURED: &str = "{prefix}  {bar:30} {percent:>3} %  {msg}";
const COUNTING: &str = "{prefix}  {spinner} {msg}";

fn measured() -> ProgressStyle {
    style(MEASURED)
}

fn counting() -> ProgressStyle {
    style(COUNTING)
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_templates() {
        assert!(ProgressStyle::with_template(MEASURED).is_ok());
        assert!(ProgressStyle::with_template(COUNTING).is_ok());
    }
}

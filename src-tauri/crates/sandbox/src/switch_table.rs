//! A table of named switches: what a switch can hold, how it is set from text, how the table is shown. Each system
//! has a table of its own. Knows no system.

use serde::Serialize;

/// A value a switch can hold.
pub(crate) trait Setting: Sized {
    fn parse(text: &str) -> Option<Self>;
    fn text(&self) -> String;
    fn allowed() -> String;
}

impl Setting for bool {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "on" | "true" => Some(true),
            "off" | "false" => Some(false),
            _ => None,
        }
    }
    fn text(&self) -> String {
        if *self { "on" } else { "off" }.to_owned()
    }
    fn allowed() -> String {
        "on | off".to_owned()
    }
}

impl Setting for u64 {
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn text(&self) -> String {
        self.to_string()
    }
    fn allowed() -> String {
        "a whole number from 0".to_owned()
    }
}

impl Setting for i64 {
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn text(&self) -> String {
        self.to_string()
    }
    fn allowed() -> String {
        "a whole number".to_owned()
    }
}

macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }
        impl $crate::switch_table::Setting for $name {
            fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
            fn text(&self) -> String {
                match self { $(Self::$variant => $text),+ }.to_owned()
            }
            fn allowed() -> String {
                [$($text),+].join(" | ")
            }
        }
    };
}

/// Why a switch was not set.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SwitchError {
    /// No switch has that name.
    #[error("there is no switch {0}")]
    Unknown(String),
    /// The switch exists but cannot hold that value.
    #[error("switch {name} takes {allowed}")]
    Value {
        /// The switch.
        name: &'static str,
        /// What it takes, in words.
        allowed: String,
    },
    /// The text was not `name=value`.
    #[error("a switch is written name=value")]
    Shape,
}

/// One row of the table as shown by the control endpoint.
#[derive(Clone, Debug, Serialize)]
pub struct SwitchRow {
    /// Its name.
    pub name: &'static str,
    /// Its value now.
    pub value: String,
    /// Its value at start.
    pub default: String,
    /// What it takes.
    pub allowed: String,
    /// What it does.
    pub about: String,
}

macro_rules! switches {
    ($($(#[doc = $doc:literal])+ $name:ident : $kind:ty = $default:expr;)+) => {
        /// All switches with their values. Names in `name=value` are the names of the members.
        #[derive(Clone, Copy, Debug)]
        pub struct Switches { $($(#[doc = $doc])+ pub $name: $kind),+ }

        impl Default for Switches {
            fn default() -> Self {
                Self { $($name: $default),+ }
            }
        }

        impl Switches {
            /// Sets one switch from text.
            ///
            /// # Errors
            /// [`SwitchError`] for a name that does not exist or a value it cannot hold; nothing changes then.
            pub fn set(&mut self, name: &str, value: &str) -> Result<(), $crate::switch_table::SwitchError> {
                match name {
                    $(stringify!($name) => {
                        self.$name = <$kind as $crate::switch_table::Setting>::parse(value).ok_or_else(|| $crate::switch_table::SwitchError::Value {
                            name: stringify!($name),
                            allowed: <$kind as $crate::switch_table::Setting>::allowed(),
                        })?;
                    })+
                    other => return Err($crate::switch_table::SwitchError::Unknown(other.chars().take(60).collect())),
                }
                Ok(())
            }

            /// The whole table.
            pub fn rows(&self) -> Vec<$crate::switch_table::SwitchRow> {
                let defaults = Self::default();
                vec![$($crate::switch_table::SwitchRow {
                    name: stringify!($name),
                    value: $crate::switch_table::Setting::text(&self.$name),
                    default: $crate::switch_table::Setting::text(&defaults.$name),
                    allowed: <$kind as $crate::switch_table::Setting>::allowed(),
                    about: concat!($($doc),+).trim().to_owned(),
                }),+]
            }
        }
    };
}

pub(crate) use {choice, switches};

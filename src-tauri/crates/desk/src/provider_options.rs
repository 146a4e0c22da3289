//! What can be connected: each payment system's form, hosts and abilities, as its client describes them.

use crate::contract::{
    CapabilityLine, Chosen, FormField, HostField, KnownHost, Nothing, Problem, ProviderOption,
    ProviderOptions,
};
use crate::desk::Desk;
use crate::words::capabilities;
use tokendesk_model::{Account, Capabilities, Carrier, Lesson, ProviderKind};
use tokendesk_providers::description::{Description, Field, Hosts};
use tokendesk_providers::registry;

/// What an account can do, given what it has taught.
pub(crate) fn capabilities_of(account: &Account, lesson: Lesson) -> Capabilities {
    let described = registry::description(account.provider).capabilities;
    let mut known = described(account.connector.as_deref());
    if let Carrier::Attempted(_) = known.active {
        known.active = Carrier::Attempted(lesson);
    }
    known
}

impl Desk {
    /// Every payment system that can be connected.
    ///
    /// # Errors
    /// None; the answer is always there.
    pub async fn provider_options(&self, _request: Nothing) -> Result<ProviderOptions, Problem> {
        Ok(ProviderOptions {
            items: ProviderKind::ALL.iter().map(|kind| option(*kind)).collect(),
        })
    }
}

fn option(kind: ProviderKind) -> ProviderOption {
    let wanted = registry::description(kind);
    ProviderOption {
        provider: kind.as_str().to_owned(),
        name: kind.display_name().to_owned(),
        code: kind.code().to_owned(),
        about: wanted.about.to_owned(),
        host: host(wanted),
        fields: wanted.fields.iter().map(field).collect(),
        environment_from: if wanted.credentials_tell_environment {
            "credentials"
        } else {
            "chosen"
        }
        .to_owned(),
        capabilities: before_connecting(kind, wanted),
    }
}

fn before_connecting(kind: ProviderKind, wanted: &Description) -> Vec<CapabilityLine> {
    capabilities::lines(&(wanted.capabilities)(None), kind.display_name())
}

fn host(wanted: &Description) -> HostField {
    match wanted.hosts {
        Hosts::Fixed { test, live } => HostField {
            test: Some(test.to_owned()),
            live: Some(live.to_owned()),
            free: false,
            known: Vec::new(),
        },
        Hosts::Free(known) => HostField {
            test: None,
            live: None,
            free: true,
            known: known
                .iter()
                .map(|(name, host)| KnownHost {
                    name: (*name).to_owned(),
                    host: (*host).to_owned(),
                })
                .collect(),
        },
        Hosts::OwnServer => HostField {
            test: None,
            live: None,
            free: true,
            known: Vec::new(),
        },
    }
}

fn field(field: &Field) -> FormField {
    FormField {
        name: field.name.to_owned(),
        label: field.label.to_owned(),
        hint: field.hint.to_owned(),
        example: field.example.to_owned(),
        secret: field.secret,
        required: field.required,
        multiline: field.multiline,
        options: field
            .options
            .iter()
            .map(|(value, label)| Chosen {
                value: (*value).to_owned(),
                label: (*label).to_owned(),
            })
            .collect(),
        replaceable: field.replaceable,
    }
}

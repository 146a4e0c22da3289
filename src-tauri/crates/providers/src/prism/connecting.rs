//! What a Prism server asks for when it is connected (Prism fact sheet, sections 3, 4, 6 and 7.3).

use crate::description::{Admitted, Description, Field, Hosts, Offered, Unfit};
use crate::error::ProviderErrorKind;
use serde_json::{Map, Value};
use tokendesk_model::{Capabilities, Environment};

/// A merchant's own Prism server.
pub const DESCRIPTION: Description = Description {
    about: "your own service",
    hosts: Hosts::OwnServer,
    fields: &[
        Field {
            options: CONNECTORS,
            ..Field::new(
                "connector",
                "Connector",
                "The processor that Prism speaks to for this account.",
                "stripe",
            )
        },
        Field {
            multiline: true,
            ..Field::new(
                "key",
                "Connector credentials",
                "A JSON object with the connector's own members, such as api_key. Nothing that changes an address is taken outside demo.",
                "{\"api_key\": \"…\"}",
            )
        }
        .secret(),
    ],
    credentials_tell_environment: false,
    admit,
    capabilities: |connector| Capabilities::prism(connector.is_some_and(revokes)),
    scope_word: "",
};

/// Connectors that can be chosen: those that authorize by token, and those that can end a mandate.
pub const CONNECTORS: &[(&str, &str)] = &[
    ("stripe", "Stripe"),
    ("adyen", "Adyen"),
    ("cybersource", "Cybersource"),
    ("noon", "Noon"),
    ("datatrans", "Datatrans"),
    ("shift4", "Shift4"),
    ("stax", "Stax"),
    ("finix", "Finix"),
];

/// Whether a connector can end a mandate.
pub fn revokes(connector: &str) -> bool {
    matches!(connector, "cybersource" | "noon")
}

fn admit(offered: &Offered<'_>) -> Result<Admitted, Unfit> {
    let origin = DESCRIPTION.hosts.origin(offered.environment, offered.host)?;
    if !CONNECTORS.iter().any(|(name, _)| *name == offered.connector) {
        return Err(Unfit::Field("connector", "It is one of the connectors listed."));
    }
    let config: Map<String, Value> = serde_json::from_str(offered.key)
        .map_err(|_| Unfit::Key("key", ProviderErrorKind::BadCredentials))?;
    let plain = config.iter().all(|(name, value)| {
        name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && value.as_str().is_some_and(|text| text.is_ascii())
    });
    if config.is_empty() || !plain {
        return Err(Unfit::Key("key", ProviderErrorKind::BadCredentials));
    }
    let leads_elsewhere = config
        .keys()
        .any(|name| name.ends_with("base_url") || name.ends_with("baseUrl"));
    if leads_elsewhere && offered.environment != Environment::Demo {
        return Err(Unfit::Field(
            "key",
            "It holds base_url, which would send the key to another address. That is taken in demo accounts only.",
        ));
    }
    Ok(Admitted {
        origin,
        scope: None,
        user: String::new(),
        connector: Some(offered.connector.to_owned()),
    })
}

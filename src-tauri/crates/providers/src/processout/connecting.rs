//! What ProcessOut asks for when it is connected (ProcessOut fact sheet, sections 1 and 2).

use crate::description::{Admitted, Description, Field, Hosts, Offered, Unfit, is_header_safe};
use crate::error::ProviderErrorKind;
use tokendesk_model::{Capabilities, Environment};

/// One host; the project says whether it is the sandbox.
pub const HOST: &str = "api.processout.com";

/// ProcessOut.
pub const DESCRIPTION: Description = Description {
    about: "the Checkout.com Smart Router",
    hosts: Hosts::Fixed {
        test: HOST,
        live: HOST,
    },
    fields: &[
        Field::new(
            "space",
            "Project",
            "The project's id. One that begins with test- is the sandbox.",
            "test-proj_…",
        ),
        Field::new(
            "key",
            "Secret key",
            "The project's private key, from its API keys. It needs to read and change customers, and to read events.",
            "key_sandbox_…",
        )
        .secret(),
    ],
    credentials_tell_environment: true,
    admit,
    capabilities: |_| Capabilities::processout(),
    scope_word: "project",
};

fn admit(offered: &Offered<'_>) -> Result<Admitted, Unfit> {
    let project = offered.space;
    let bare = project.strip_prefix("test-").unwrap_or(project);
    let id = bare.strip_prefix("proj_").unwrap_or_default();
    if id.is_empty() || project.len() > 255 || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(Unfit::Field(
            "space",
            "It begins with proj_, or with test-proj_ for the sandbox.",
        ));
    }
    if !is_header_safe(offered.key) {
        return Err(Unfit::Key("key", ProviderErrorKind::BadCredentials));
    }
    // A project id with no password is what a browser signs in with.
    if offered.key.starts_with("proj_") || offered.key.starts_with("test-proj_") {
        return Err(Unfit::Key("key", ProviderErrorKind::WrongKeyKind));
    }
    let sandbox = project.starts_with("test-");
    // The demo plays the sandbox.
    let wanted = offered.environment != Environment::Live;
    let key_says = match offered.key {
        key if key.starts_with("key_live_") => Some(false),
        key if key.starts_with("key_sandbox_") || key.starts_with("key_test_") => Some(true),
        _ => None,
    };
    if sandbox != wanted {
        return Err(Unfit::Key("space", ProviderErrorKind::WrongEnvironment));
    }
    if key_says.is_some_and(|says| says != wanted) {
        return Err(Unfit::Key("key", ProviderErrorKind::WrongEnvironment));
    }
    Ok(Admitted {
        origin: DESCRIPTION.hosts.origin(offered.environment, offered.host)?,
        scope: Some(project.to_owned()),
        user: String::new(),
        connector: None,
    })
}

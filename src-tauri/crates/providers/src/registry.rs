//! Every payment system by its kind: what it asks for, and how it is spoken to.

use crate::description::Description;
use crate::error::ProviderError;
use crate::system::{Credentials, HttpOptions, PaymentSystem};
use crate::{komoju, prism, processout, wallee, zafapay};
use std::sync::Arc;
use tokendesk_model::ProviderKind;

/// What a payment system asks for and offers.
pub fn description(kind: ProviderKind) -> &'static Description {
    match kind {
        ProviderKind::Wallee => &wallee::DESCRIPTION,
        ProviderKind::ProcessOut => &processout::DESCRIPTION,
        ProviderKind::Komoju => &komoju::DESCRIPTION,
        ProviderKind::Zafapay => &zafapay::DESCRIPTION,
        ProviderKind::Prism => &prism::DESCRIPTION,
    }
}

/// Prepares an account of a payment system; nothing is contacted.
///
/// # Errors
/// `HostNotAllowed`, `BadCredentials`, `WrongKeyKind`, `WrongEnvironment`, `Tls`.
pub fn connect(
    kind: ProviderKind,
    credentials: Credentials,
    options: HttpOptions,
) -> Result<Arc<dyn PaymentSystem>, ProviderError> {
    Ok(match kind {
        ProviderKind::Wallee => Arc::new(wallee::Wallee::new(credentials, options)?),
        ProviderKind::Komoju => Arc::new(komoju::Komoju::new(credentials, options)?),
        ProviderKind::Zafapay => Arc::new(zafapay::Zafapay::new(credentials, options)?),
        ProviderKind::Prism => Arc::new(prism::Prism::new(credentials, options)?),
        ProviderKind::ProcessOut => Arc::new(processout::ProcessOut::new(credentials, options)?),
    })
}

//! Every payment system by its kind: what it asks for, and how it is spoken to.

use crate::description::{Description, IdKind};
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

/// What a text can be, by the shapes of every payment system's ids; the likeliest first. Nothing is contacted.
pub fn recognise(text: &str) -> Vec<(ProviderKind, IdKind)> {
    let mut found: Vec<_> = ProviderKind::ALL
        .iter()
        .filter_map(|kind| Some((*kind, (description(*kind).recognise)(text)?)))
        .collect();
    found.sort_by_key(|(_, shape)| !shape.likely);
    found
        .into_iter()
        .map(|(provider, shape)| (provider, shape.kind))
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_by_their_shape() {
        let told = |text: &str| recognise(text);
        let saved = format!("tok_{}", "a".repeat(32));
        let systems: Vec<ProviderKind> = told(&saved).into_iter().map(|(provider, _)| provider).collect();
        assert_eq!(systems[0], ProviderKind::ProcessOut);
        assert_eq!(systems.len(), 3);
        let short = format!("tok_{}", "a".repeat(25));
        assert_eq!(told(&short)[0], (ProviderKind::Komoju, IdKind::SingleUse));
        assert_eq!(told(&short)[2], (ProviderKind::ProcessOut, IdKind::SavedCard));
        for (text, provider, kind) in [
            ("pmi_7Qw1", ProviderKind::Zafapay, IdKind::SavedCard),
            ("pm_1", ProviderKind::Prism, IdKind::ConnectorToken),
            ("cust_1", ProviderKind::ProcessOut, IdKind::Customer),
            ("card_1", ProviderKind::ProcessOut, IdKind::CardToken),
            ("700123", ProviderKind::Wallee, IdKind::SavedCard),
            (
                "a1b2c3d4e5f6g7h8i9j0k1l2m",
                ProviderKind::Komoju,
                IdKind::CustomerAndCard,
            ),
        ] {
            assert_eq!(told(text)[0], (provider, kind), "{text}");
        }
        for nothing in ["", "tok_", "ada@example.com", "1234", "pmi_ä", "4242 4242"] {
            assert_eq!(told(nothing), Vec::new(), "{nothing}");
        }
    }
}

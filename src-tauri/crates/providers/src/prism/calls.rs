//! The calls this desk makes, each by name, with everything Prism would not check itself checked before (Prism fact sheet,
//! sections 5.1, 6 and 10).
//!
//! Must not know: why a call is made, what follows it.

use super::answers::Failure;
use super::channel::Channel;
use super::ids;
use super::messages::*;
use super::money::Currency;
use std::time::Duration;

pub(super) const TOKEN_AUTHORIZE: &str = "/types.PaymentService/TokenAuthorize";
pub(super) const AUTHORIZE: &str = "/types.PaymentService/Authorize";
pub(super) const VOID: &str = "/types.PaymentService/Void";
pub(super) const CAPTURE: &str = "/types.PaymentService/Capture";
pub(super) const REFUND: &str = "/types.PaymentService/Refund";
pub(super) const GET: &str = "/types.PaymentService/Get";
pub(super) const REVOKE: &str = "/types.RecurringPaymentService/Revoke";

/// `CaptureMethod`. There is no third one here: without a method a server takes the money at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CaptureMethod {
    /// The money is taken at once.
    Automatic = 1,
    /// A hold.
    Manual = 2,
}

/// `AuthenticationType.NO_THREE_DS`: what `TokenAuthorize` is rewritten to.
const NO_THREE_DS: i32 = 2;

/// A checked amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amount {
    /// Minor units, positive.
    pub(super) minor: i64,
    /// Of this currency.
    pub(super) currency: Currency,
}

impl Amount {
    fn money(&self) -> Money {
        Money {
            minor_amount: self.minor,
            currency: self.currency.number,
        }
    }
}

/// A payment by token; every text was checked.
pub(super) struct Payment<'a> {
    reference: &'a str,
    token: &'a str,
    customer: Option<&'a str>,
    amount: Amount,
    return_url: &'a str,
    method: CaptureMethod,
}

impl<'a> Payment<'a> {
    /// A payment fit to be sent.
    ///
    /// # Errors
    /// Which text is not: `reference`, `token`, `customer` or `return address`.
    pub(super) fn new(
        reference: &'a str,
        token: &'a str,
        customer: Option<&'a str>,
        amount: Amount,
        return_url: &'a str,
        method: CaptureMethod,
    ) -> Result<Self, &'static str> {
        if !ids::is_reference(reference) {
            return Err("reference");
        }
        if !ids::is_token(token) {
            return Err("token");
        }
        if customer.is_some_and(|id| !ids::is_customer(id)) {
            return Err("customer");
        }
        if !ids::is_return_url(return_url) {
            return Err("return address");
        }
        Ok(Self {
            reference,
            token,
            customer,
            amount,
            return_url,
            method,
        })
    }

    fn customer(&self) -> Option<Customer> {
        self.customer.map(|id| Customer {
            connector_customer_id: Some(id.to_owned()),
        })
    }

    /// The request of `TokenAuthorize`.
    pub(super) fn token_authorize(&self) -> PaymentServiceTokenAuthorizeRequest {
        PaymentServiceTokenAuthorizeRequest {
            merchant_transaction_id: Some(self.reference.to_owned()),
            amount: Some(self.amount.money()),
            connector_token: Some(secret(self.token)),
            customer: self.customer(),
            address: Some(address()),
            capture_method: Some(self.method as i32),
            return_url: Some(self.return_url.to_owned()),
        }
    }

    /// The request of `Authorize` with the token as payment method.
    pub(super) fn authorize(&self) -> PaymentServiceAuthorizeRequest {
        PaymentServiceAuthorizeRequest {
            merchant_transaction_id: Some(self.reference.to_owned()),
            amount: Some(self.amount.money()),
            payment_method: Some(PaymentMethod {
                token: Some(TokenPaymentMethodType {
                    token: Some(secret(self.token)),
                }),
            }),
            capture_method: Some(self.method as i32),
            customer: self.customer(),
            address: Some(address()),
            auth_type: NO_THREE_DS,
            return_url: Some(self.return_url.to_owned()),
        }
    }
}

// Must be there and may say nothing.
fn address() -> PaymentAddress {
    PaymentAddress {
        billing_address: Some(Address {}),
    }
}

/// The request that voids a transaction; `None` when its id cannot be sent.
pub(super) fn void(transaction: &str, reference: &str) -> Option<PaymentServiceVoidRequest> {
    ids::fits_a_path(transaction).then(|| PaymentServiceVoidRequest {
        merchant_void_id: Some(reference.to_owned()),
        connector_transaction_id: transaction.to_owned(),
    })
}

/// The request that reads a transaction; `None` when its id cannot be sent.
pub(super) fn get(transaction: &str) -> Option<PaymentServiceGetRequest> {
    ids::fits_a_path(transaction).then(|| PaymentServiceGetRequest {
        connector_transaction_id: transaction.to_owned(),
    })
}

/// The request that takes the money held; `None` when its id cannot be sent.
pub(super) fn capture(
    transaction: &str,
    reference: &str,
    amount: Amount,
) -> Option<PaymentServiceCaptureRequest> {
    ids::fits_a_path(transaction).then(|| PaymentServiceCaptureRequest {
        merchant_capture_id: Some(reference.to_owned()),
        connector_transaction_id: transaction.to_owned(),
        amount_to_capture: Some(amount.money()),
    })
}

/// The request that gives the whole amount back; `None` when an id cannot be sent.
pub(super) fn refund(
    transaction: &str,
    reference: &str,
    amount: Amount,
) -> Option<PaymentServiceRefundRequest> {
    let fits = ids::fits_a_path(transaction) && ids::is_reference(reference);
    fits.then(|| PaymentServiceRefundRequest {
        merchant_refund_id: Some(reference.to_owned()),
        connector_transaction_id: transaction.to_owned(),
        payment_amount: amount.minor,
        refund_amount: Some(amount.money()),
    })
}

/// The request that ends a mandate; `None` when its id cannot be sent. One connector reads one field, one the other: both
/// hold the same id.
pub(super) fn revoke(mandate: &str) -> Option<RecurringPaymentServiceRevokeRequest> {
    ids::fits_a_path(mandate).then(|| RecurringPaymentServiceRevokeRequest {
        merchant_revoke_id: None,
        mandate_id: mandate.to_owned(),
        connector_mandate_id: Some(mandate.to_owned()),
    })
}

impl Channel {
    pub(super) async fn pay(
        &self,
        payment: &Payment<'_>,
        by_token: bool,
        deadline: Duration,
    ) -> Result<PaymentServiceAuthorizeResponse, Failure> {
        if by_token {
            self.call(TOKEN_AUTHORIZE, payment.token_authorize(), deadline)
                .await
        } else {
            self.call(AUTHORIZE, payment.authorize(), deadline).await
        }
    }

    pub(super) async fn void(
        &self,
        request: PaymentServiceVoidRequest,
        deadline: Duration,
    ) -> Result<PaymentServiceVoidResponse, Failure> {
        self.call(VOID, request, deadline).await
    }

    pub(super) async fn get(
        &self,
        request: PaymentServiceGetRequest,
        deadline: Duration,
    ) -> Result<PaymentServiceGetResponse, Failure> {
        self.call(GET, request, deadline).await
    }

    pub(super) async fn capture(
        &self,
        request: PaymentServiceCaptureRequest,
    ) -> Result<PaymentServiceCaptureResponse, Failure> {
        self.call(CAPTURE, request, self.timeout()).await
    }

    pub(super) async fn refund(
        &self,
        request: PaymentServiceRefundRequest,
    ) -> Result<RefundResponse, Failure> {
        self.call(REFUND, request, self.timeout()).await
    }

    pub(super) async fn revoke(
        &self,
        request: RecurringPaymentServiceRevokeRequest,
    ) -> Result<RecurringPaymentServiceRevokeResponse, Failure> {
        self.call(REVOKE, request, self.timeout()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount() -> Amount {
        Amount {
            minor: 100,
            currency: Currency::named("EUR").unwrap(),
        }
    }

    fn payment<'a>(token: &'a str, customer: Option<&'a str>) -> Result<Payment<'a>, &'static str> {
        Payment::new(
            "td-1",
            token,
            customer,
            amount(),
            "https://shop.example/back",
            CaptureMethod::Manual,
        )
    }

    #[test]
    fn a_payment_always_says_how_money_is_taken_and_where_the_buyer_goes() {
        let payment = payment("pm_1", Some("cus_1")).unwrap();
        let (one, other) = (payment.token_authorize(), payment.authorize());
        assert_eq!(one.capture_method, Some(2));
        assert_eq!(other.capture_method, Some(2));
        assert_eq!(one.return_url, other.return_url);
        assert!(one.address.is_some() && other.address.is_some());
        assert_eq!(one.amount, other.amount);
        assert_eq!(
            one.connector_token,
            other.payment_method.unwrap().token.unwrap().token
        );
    }

    #[test]
    fn what_prism_would_forward_unchecked_is_refused_here() {
        assert_eq!(payment("", None).err(), Some("token"));
        assert_eq!(payment("pm_1/../x", None).err(), Some("token"));
        assert_eq!(payment("pm_1", Some("")).err(), Some("customer"));
        for id in ["", "pi_1/../../customers", "pi_1?x"] {
            assert!(void(id, "r").is_none(), "{id}");
            assert!(get(id).is_none(), "{id}");
            assert!(capture(id, "r", amount()).is_none(), "{id}");
            assert!(refund(id, "r", amount()).is_none(), "{id}");
            assert!(revoke(id).is_none(), "{id}");
        }
    }

    #[test]
    fn both_fields_of_a_revoke_hold_the_mandate() {
        let request = revoke("A1B2").unwrap();
        assert_eq!(request.mandate_id, "A1B2");
        assert_eq!(request.connector_mandate_id.as_deref(), Some("A1B2"));
    }
}

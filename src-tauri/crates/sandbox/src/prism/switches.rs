//! What the Prism fact sheet marks as inferred, not run or open, as named switches; and where the April server and the
//! September package differ. One table; everything else asks here what to do.

use crate::switch_table::{choice, switches};

choice!(
    /// Code of a call without `x-connector-config` (section 9.2 leaves two open).
    MissingConfig {
        /// As for an unknown kind of credentials.
        Unauthenticated = "UNAUTHENTICATED",
        /// As for any missing field.
        InvalidArgument = "INVALID_ARGUMENT",
    }
);
choice!(
    /// Code of a call the connector has no flow for (sections 6 and 9.2, not run).
    UnsupportedFlow {
        /// What the table of codes says.
        FailedPrecondition = "FAILED_PRECONDITION",
        /// What gRPC has the code for.
        Unimplemented = "UNIMPLEMENTED",
    }
);
choice!(
    /// Which field tells the amount reserved (section 14).
    AuthorizedAmount {
        /// Number 20, as the September package.
        Money = "money",
        /// Number 15, as the April server.
        Number = "number",
        /// Neither.
        None = "none",
    }
);
choice!(
    /// Whose id stands in fields named after the merchant's (section 10).
    EchoedIds {
        /// Often so, at Stripe always.
        Processor = "processor",
        /// What the name promises.
        Caller = "caller",
    }
);
choice!(
    /// What a processor does with something it could take or refuse.
    Taking {
        /// It refuses.
        Refuses = "refuses",
        /// It takes it.
        Takes = "takes",
    }
);
choice!(
    /// What a processor says of work it has only accepted.
    Saying {
        /// Pending; the end of it is never told here.
        Pending = "pending",
        /// The final status, at once.
        Final = "final",
    }
);

switches! {
    /// Code of a call without x-connector-config.
    missing_config: MissingConfig = MissingConfig::Unauthenticated;
    /// Code of a call the connector has no flow for.
    unsupported_flow: UnsupportedFlow = UnsupportedFlow::FailedPrecondition;
    /// Whether the processor's own words follow in the status text: not in the snapshot, unknown for a later server.
    error_details: bool = false;
    /// Which field tells the amount reserved.
    authorized_amount: AuthorizedAmount = AuthorizedAmount::Money;
    /// Whose id stands in fields named after the merchant's.
    echoed_ids: EchoedIds = EchoedIds::Processor;
    /// Negative and zero amounts and empty tokens, which Prism forwards, at the processor.
    odd_values: Taking = Taking::Takes;
    /// A saved payment method of Stripe without its customer.
    stripe_without_customer: Taking = Taking::Refuses;
    /// A cancellation reason outside Stripe's own list.
    stripe_void_reason: Taking = Taking::Refuses;
    /// A stored method of Adyen without its shopper reference.
    adyen_without_shopper: Taking = Taking::Refuses;
    /// What Adyen says of a void.
    adyen_void: Saying = Saying::Pending;
    /// How long a void at Adyen takes, in milliseconds.
    adyen_void_ms: u64 = 2_000;
    /// What Adyen says of a capture and of a refund.
    adyen_capture: Saying = Saying::Pending;
    /// A stored instrument where Cybersource wants a token of the browser.
    cybersource_stored: Taking = Taking::Refuses;
    /// Whether Prism can read Noon's answer to a revoke; when not, it is done and answered INTERNAL (open point 3).
    noon_revoke_readable: bool = true;
    /// Whether the health service answers.
    health: bool = true;
}

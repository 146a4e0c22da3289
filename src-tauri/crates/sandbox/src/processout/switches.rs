//! What no document of ProcessOut states, as named switches (ProcessOut fact sheet, section 16).
//! Knows nothing of HTTP or of the world.

use crate::switch_table::{choice, switches};

choice!(
    /// What a metadata map in an update does to the map that is there.
    MetadataUpdate {
        /// The new map takes its place.
        Replaces = "replaces",
        /// Keys of the new map are laid over it.
        Merges = "merges",
    }
);
choice!(
    /// What an explicit `null` in a body does.
    NullInBody {
        /// As if it were not there.
        Absent = "absent",
        /// The field becomes empty.
        Clears = "clears",
    }
);
choice!(
    /// What becomes of an `expand` that no example shows.
    Expand {
        /// The object is put in.
        Honoured = "honoured",
        /// The answer is as without it.
        Ignored = "ignored",
        /// 400, `request.expand.invalid`.
        Refused = "refused",
    }
);
choice!(
    /// How a card token made without a verification is told: the guide contradicts itself and the examples.
    Unverified {
        /// `not-requested`, and can be charged, as in all examples.
        NotRequested = "not-requested",
        /// `pending`, and cannot be charged yet.
        Pending = "pending",
        /// `pending`, and can be charged all the same.
        PendingChargeable = "pending-chargeable",
    }
);
choice!(
    /// What a customer's deletion does to their tokens.
    CustomerDeletion {
        /// They are deleted too.
        Cascades = "cascades",
        /// They can still be read by id.
        LeavesTokens = "leaves-tokens",
    }
);
choice!(
    /// Which token is the default one after the default one was deleted.
    DefaultDeleted {
        /// None.
        None = "none",
        /// The newest that can be charged.
        Newest = "newest",
    }
);
choice!(
    /// What the list of events holds.
    Events {
        /// All names.
        All = "all",
        /// Transactions only: nothing of customers and tokens.
        TransactionsOnly = "transactions-only",
        /// Nothing at all.
        Empty = "empty",
        /// There is no such route.
        Off = "off",
    }
);
choice!(
    /// What a cursor that names no object is answered.
    UnknownCursor {
        /// 400, `request.pagination.invalid`.
        BadRequest = "400",
        /// 404, `resource.not-found`.
        NotFound = "404",
    }
);
choice!(
    /// What a limit above 100 does.
    LargeLimit {
        /// It is taken as 100.
        Clamped = "clamped",
        /// 400, `request.pagination.invalid`.
        Refused = "refused",
    }
);
choice!(
    /// Status where two are possible.
    MissingCustomer {
        /// 400, as one of the two API descriptions lists it.
        BadRequest = "400",
        /// 404, as everywhere else.
        NotFound = "404",
    }
);
choice!(
    /// Status of a call the key has no permission for.
    MissingPermission {
        /// 403.
        Forbidden = "403",
        /// 401.
        Unauthorized = "401",
    }
);
choice!(
    /// What a repeated deletion answers.
    DeleteAgain {
        /// 404.
        NotFound = "404",
        /// 200.
        Ok = "200",
    }
);
choice!(
    /// What becomes of something the documents neither allow nor forbid.
    Tolerance {
        /// It is done.
        Accepted = "accepted",
        /// It has no effect.
        Ignored = "ignored",
        /// 400.
        Refused = "refused",
    }
);

switches! {
    /// What a metadata map in an update does.
    metadata_update: MetadataUpdate = MetadataUpdate::Replaces;
    /// What an explicit null in a body does.
    null_in_body: NullInBody = NullInBody::Absent;
    /// What `expand[]=card` does in a list of tokens.
    expand_card: Expand = Expand::Honoured;
    /// What `expand[]=tokens` does in a list of customers.
    expand_tokens: Expand = Expand::Honoured;
    /// What the dotted path `tokens.card` does in a list of customers.
    expand_nested: Expand = Expand::Honoured;
    /// What `expand[]=customer` does for tokens.
    expand_owner: Expand = Expand::Honoured;
    /// How many tokens an expanded customer holds at most, newest first; 0 holds all.
    expanded_tokens: u64 = 0;
    /// How a card token made without a verification is told.
    unverified: Unverified = Unverified::NotRequested;
    /// What `verify` together with `source` does when a token is created.
    verify_with_source: Tolerance = Tolerance::Accepted;
    /// Whether a token whose verification was declined while it was created stays, as failed.
    declined_token_stays: bool = true;
    /// Whether a card that is attached becomes the customer's default one.
    attach_moves_default: bool = true;
    /// Which token is the default one after the default one was deleted.
    default_deleted: DefaultDeleted = DefaultDeleted::None;
    /// What a customer's deletion does to their tokens.
    customer_deletion: CustomerDeletion = CustomerDeletion::Cascades;
    /// What a currency in an update of a customer does.
    currency_update: Tolerance = Tolerance::Ignored;
    /// Whether an update of a token answers the token; otherwise only its success.
    update_answers_token: bool = true;
    /// Status of an update of a token whose customer is not known.
    update_missing_customer: MissingCustomer = MissingCustomer::BadRequest;
    /// What a second deletion of the same object answers.
    delete_again: DeleteAgain = DeleteAgain::NotFound;
    /// Whether `idempotency-key` repeats the first answer; otherwise it has no effect.
    idempotency: bool = true;
    /// What the list of events holds.
    events: Events = Events::All;
    /// Whether the list of events heeds `order`; otherwise it is always newest first.
    events_heed_order: bool = true;
    /// Whether the list of events heeds `start_after` and `end_before`.
    events_heed_cursor: bool = true;
    /// Whether customers and tokens tell nothing but their ids, and `null` everywhere else.
    null_everywhere: bool = false;
    /// What a cursor that names no object is answered.
    unknown_cursor: UnknownCursor = UnknownCursor::BadRequest;
    /// Whether the id of a deleted object still works as a cursor.
    deleted_cursor: bool = false;
    /// What a limit above 100 does.
    large_limit: LargeLimit = LargeLimit::Refused;
    /// Whether refusals are answered with status 200 and `success: false`.
    refused_as_200: bool = false;
    /// Whether a 404 is announced as text/plain.
    not_found_as_text: bool = true;
    /// Status of a call the key has no permission for.
    missing_permission: MissingPermission = MissingPermission::Forbidden;
    /// Whether the key may read customers.
    may_read_customers: bool = true;
    /// Whether the key may create, change and delete customers.
    may_write_customers: bool = true;
    /// Whether the key may read tokens.
    may_read_tokens: bool = true;
    /// Whether the key may create, change and delete tokens.
    may_write_tokens: bool = true;
    /// Whether the key may create and read cards.
    may_use_cards: bool = true;
    /// Whether the key may read events.
    may_read_events: bool = true;
    /// Whether answers tell the rate limit in headers.
    limit_headers: bool = true;
    /// How far the server's clock is ahead of the real one, in seconds; negative is behind.
    clock_offset_seconds: i64 = 0;
}

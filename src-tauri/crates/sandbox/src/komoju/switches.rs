//! Every behaviour of KOMOJU that its documents leave open, as a named switch (KOMOJU fact sheet, sections 13
//! and 14). Knows nothing of HTTP or of the world; others ask it what to do.

use crate::switch_table::{choice, switches};

choice!(
    /// Where `source` is told (fact sheet, section 4.2).
    SourceTold {
        /// On list and show.
        Shown = "shown",
        /// On show, but null in lists.
        HiddenOnList = "hidden_on_list",
        /// Null on list and show; only the answer to a change tells it.
        Hidden = "hidden",
        /// As `shown` for API version 2025-01-28, as `hidden` for every other and for none.
        ByVersion = "by_version",
    }
);
choice!(
    /// The word in a list's `resource`.
    ListWord {
        /// `customer_list`, `event_list` and so on.
        Named = "customer_list",
        /// `list`.
        Bare = "list",
    }
);
choice!(
    /// Direction of a list.
    Order {
        /// Newest first.
        Newest = "newest",
        /// Oldest first.
        Oldest = "oldest",
    }
);
choice!(
    /// What a page behind the last one answers.
    PageBehind {
        /// 200 without objects.
        Empty = "empty",
        /// 404.
        NotFound = "404",
    }
);
choice!(
    /// What a delete answers.
    Deleted {
        /// 200 with an object.
        Object = "200",
        /// 204 without a body.
        Nothing = "204",
    }
);
choice!(
    /// What deleting something that is not there answers.
    DeleteMissing {
        /// 404.
        NotFound = "404",
        /// As if it had been there.
        AsIfThere = "200",
    }
);
choice!(
    /// What `metadata` in a PATCH does to keys it does not hold.
    MetadataPatch {
        /// They stay.
        Merge = "merge",
        /// They are gone.
        Replace = "replace",
    }
);
choice!(
    /// What deleting a customer does to its subscriptions and open payments.
    DeleteEffect {
        /// Subscriptions end and open payments are cancelled.
        Ends = "ends",
        /// They go on.
        Keeps = "keeps",
        /// The customer is not deleted while there are any: 422.
        Refused = "refused",
    }
);
choice!(
    /// What an event of a customer carries in `data`.
    EventData {
        /// The customer.
        Object = "object",
        /// Null.
        Nothing = "null",
    }
);
choice!(
    /// Status for a call a publishable key may not make.
    WrongKeyStatus {
        /// 403.
        Forbidden = "403",
        /// 401.
        Unauthorized = "401",
    }
);
choice!(
    /// Status for a token that was used or has run out.
    SpentTokenStatus {
        /// 422.
        Unprocessable = "422",
        /// 400.
        BadRequest = "400",
    }
);
choice!(
    /// What an idempotency key with another body than the first gets.
    OtherBody {
        /// 422.
        Refused = "422",
        /// The first answer.
        First = "first",
    }
);
choice!(
    /// What an API version nobody knows gets.
    UnknownVersion {
        /// 400.
        Refused = "400",
        /// The key's own version applies.
        Ignored = "ignored",
    }
);
choice!(
    /// How points in time are written.
    Times {
        /// `2020-06-09T07:41:51Z`.
        Utc = "utc",
        /// `2020-12-09T18:26:59.000+09:00`.
        Offset = "offset",
    }
);

switches! {
    /// Where a customer's saved payment method is told.
    source: SourceTold = SourceTold::Shown;
    /// The word in a list's `resource`.
    list_resource: ListWord = ListWord::Named;
    /// Whether a list echoes `start_time` and `end_time`.
    list_window_echo: bool = true;
    /// Objects on a page that does not say how many.
    default_per_page: u64 = 10;
    /// Most objects on a page, whatever was asked for.
    max_per_page: u64 = 100;
    /// What a page behind the last one answers.
    page_behind: PageBehind = PageBehind::Empty;
    /// Direction of the list of customers.
    customer_order: Order = Order::Newest;
    /// Direction of the list of payments.
    payment_order: Order = Order::Newest;
    /// What DELETE of a customer answers.
    customer_delete: Deleted = Deleted::Object;
    /// What DELETE of a customer that is gone answers.
    customer_delete_again: DeleteMissing = DeleteMissing::NotFound;
    /// What deleting a customer does to its subscriptions and open payments.
    customer_delete_effect: DeleteEffect = DeleteEffect::Ends;
    /// What DELETE of a one-click record answers.
    one_click_delete: Deleted = Deleted::Object;
    /// What DELETE of a one-click record that is not there answers.
    one_click_missing: DeleteMissing = DeleteMissing::NotFound;
    /// What `metadata` in a PATCH does to keys it does not hold.
    metadata_patch: MetadataPatch = MetadataPatch::Merge;
    /// Whether changes of customers are told as events.
    customer_events: bool = true;
    /// What an event of a customer carries in `data`.
    event_data: EventData = EventData::Object;
    /// For how many hours events are kept; 0 keeps them all.
    event_hours: u64 = 0;
    /// Status for a call a publishable key may not make.
    publishable_refused: WrongKeyStatus = WrongKeyStatus::Forbidden;
    /// Whether a key without the colon behind it is accepted.
    key_without_colon: bool = true;
    /// Whether the keys are known at all.
    keys_known: bool = true;
    /// Whether the secret key may read; without it every read is 403.
    may_read: bool = true;
    /// Whether the secret key may change anything; without it every change is 403.
    may_write: bool = true;
    /// What an API version nobody knows gets.
    unknown_version: UnknownVersion = UnknownVersion::Refused;
    /// Status for a token that was used or has run out.
    spent_token: SpentTokenStatus = SpentTokenStatus::Unprocessable;
    /// For how long a POST with an idempotency key counts as running, in milliseconds; a repeat meanwhile is 409.
    in_flight_ms: u64 = 0;
    /// What an idempotency key with another body than the first gets.
    idempotency_other_body: OtherBody = OtherBody::Refused;
    /// How points in time are written.
    times: Times = Times::Utc;
    /// Whether every expiry year has two digits; some always do.
    two_digit_years: bool = false;
    /// Whether every member that may be null is.
    nulls: bool = false;
}

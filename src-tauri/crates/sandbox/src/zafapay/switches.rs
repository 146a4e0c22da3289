//! Every behaviour of Zafapay that no document states, as a named switch (Zafapay fact sheet, sections 3, 5, 6, 10, 11).
//! Knows nothing of HTTP or of the world; others ask it what to do.

use crate::switch_table::{choice, switches};

choice!(
    /// What the list of a customer nobody heard of answers.
    UnknownCustomer {
        /// 404 `not_found`.
        NotFound = "404",
        /// 200 and no saved cards.
        Empty = "200",
    }
);
choice!(
    /// What blocking a blocked card does.
    BlockAgain {
        /// 200; the first reason stays.
        Keeps = "keeps",
        /// 200; the new reason takes the place of the first.
        Replaces = "replaces",
        /// 400 `invalid_status`.
        Refuses = "refuses",
    }
);
choice!(
    /// What unblocking a card that is not blocked does.
    UnblockAgain {
        /// 200.
        Silent = "200",
        /// 400 `invalid_status`.
        Refuses = "400",
    }
);
choice!(
    /// What becomes of the default flag of a card that is blocked.
    DefaultAfterBlock {
        /// It stays.
        Stays = "stays",
        /// The customer's oldest card in use takes it.
        Moves = "moves",
        /// Nobody has it.
        Cleared = "cleared",
    }
);
choice!(
    /// What `blocked_reason` shows after an unblock.
    ReasonAfterUnblock {
        /// Null.
        Cleared = "cleared",
        /// Still the reason it was blocked for.
        Kept = "kept",
    }
);
choice!(
    /// Status of a block or an unblock that was done.
    BlockStatus {
        /// 200 with the four members.
        Ok = "200",
        /// 201 with the four members.
        Created = "201",
        /// 204 without a body.
        NoContent = "204",
    }
);
choice!(
    /// Upper or lower case of error codes.
    CodeCase {
        /// As the newest pages print them.
        Lower = "lower",
        /// As older pages do.
        Upper = "upper",
    }
);
choice!(
    /// What an error object carries.
    ErrorMembers {
        /// All that is documented.
        All = "all",
        /// `code` and `message`, as in the examples of the authentication page.
        Bare = "bare",
    }
);
choice!(
    /// How amounts are written in answers.
    Amounts {
        /// A number when a payment is created, a text everywhere else.
        Documented = "documented",
        /// Always a number.
        Numbers = "numbers",
        /// Always a text.
        Texts = "texts",
    }
);
choice!(
    /// How points in time are written.
    Timestamps {
        /// `2026-01-15T10:30:00Z`.
        Seconds = "seconds",
        /// `2026-01-15T10:30:00.000Z`.
        Millis = "millis",
    }
);
choice!(
    /// When a card that was asked to be saved is in the list.
    SavesCard {
        /// Before the payment is answered.
        AtOnce = "at_once",
        /// Two seconds later.
        Later = "later",
    }
);
choice!(
    /// What saving a card does that the customer has saved before.
    SameCard {
        /// Another saved card.
        New = "new",
        /// The one there is.
        Reused = "reused",
    }
);
choice!(
    /// Whether the merchant may use the API.
    Merchant {
        /// It may.
        Active = "active",
        /// 403 `merchant_not_active`.
        NotActive = "merchant_not_active",
        /// 403 `forbidden`.
        Forbidden = "forbidden",
    }
);
choice!(
    /// Status of a call that does not take the kind of key it was made with.
    WrongKey {
        /// 401 `unauthorized`.
        Unauthorized = "401",
        /// 403 `forbidden`.
        Forbidden = "403",
    }
);
choice!(
    /// What creating a token with the access token does.
    AccessTokenCreatesTokens {
        /// The answer of a wrong key.
        Refused = "refused",
        /// It works.
        Works = "works",
    }
);
choice!(
    /// What a refused payment answers with its 400.
    RefusedPayment {
        /// An error object.
        Error = "error",
        /// The payment, with status `failed` and an error code.
        Payment = "payment",
    }
);
choice!(
    /// Which code tells why a payment was refused.
    RefusalCode {
        /// `payment_failed` for every reason.
        General = "payment_failed",
        /// `card_declined` or `insufficient_funds`.
        Specific = "specific",
    }
);
choice!(
    /// Code of a payment with a blocked card.
    BlockedCardCode {
        /// `payment_failed`.
        PaymentFailed = "payment_failed",
        /// `invalid_status`.
        InvalidStatus = "invalid_status",
    }
);
choice!(
    /// Status word of a saved card that has run out.
    ExpiredCards {
        /// `active` like any other.
        Active = "active",
        /// `expired`, a word no page shows.
        Expired = "expired",
    }
);
choice!(
    /// Order of a customer's saved cards.
    ListOrder {
        /// Oldest first.
        Oldest = "oldest",
        /// Newest first.
        Newest = "newest",
    }
);
choice!(
    /// What the header `Idempotency-Key` does.
    IdempotencyKey {
        /// Nothing.
        Ignored = "ignored",
        /// The same key with the same body gives the first answer, with another body 400.
        Honoured = "honoured",
    }
);

switches! {
    /// What the list of a customer nobody heard of answers.
    unknown_customer: UnknownCustomer = UnknownCustomer::NotFound;
    /// What blocking a blocked card does.
    block_again: BlockAgain = BlockAgain::Keeps;
    /// What unblocking a card that is not blocked does.
    unblock_again: UnblockAgain = UnblockAgain::Silent;
    /// What becomes of the default flag of a card that is blocked.
    default_after_block: DefaultAfterBlock = DefaultAfterBlock::Stays;
    /// What blocked_reason shows after an unblock.
    reason_after_unblock: ReasonAfterUnblock = ReasonAfterUnblock::Cleared;
    /// Status of a block or an unblock that was done.
    block_status: BlockStatus = BlockStatus::Ok;
    /// Whether the connector can save cards; if not, save_card is answered 400 recurring_not_supported.
    recurring_supported: bool = true;
    /// Upper or lower case of error codes.
    code_case: CodeCase = CodeCase::Lower;
    /// What an error object carries.
    error_members: ErrorMembers = ErrorMembers::All;
    /// How amounts are written in answers.
    amounts: Amounts = Amounts::Documented;
    /// How points in time are written.
    timestamps: Timestamps = Timestamps::Seconds;
    /// When a card that was asked to be saved is in the list.
    saves_card: SavesCard = SavesCard::AtOnce;
    /// What saving a card does that the customer has saved before.
    same_card: SameCard = SameCard::New;
    /// Whether a payment that saved a card names it in its first answer.
    saved_card_in_answer: bool = false;
    /// Whether the merchant may use the API.
    merchant: Merchant = Merchant::Active;
    /// Status of a call that does not take the kind of key it was made with.
    wrong_key: WrongKey = WrongKey::Unauthorized;
    /// What creating a token with the access token does.
    access_token_creates_tokens: AccessTokenCreatesTokens = AccessTokenCreatesTokens::Refused;
    /// What a refused payment answers with its 400.
    refused_payment: RefusedPayment = RefusedPayment::Error;
    /// Which code tells why a payment was refused.
    refusal_code: RefusalCode = RefusalCode::General;
    /// Whether a refused payment uses up its token.
    refusal_uses_token: bool = true;
    /// Code of a payment with a blocked card.
    blocked_card_code: BlockedCardCode = BlockedCardCode::PaymentFailed;
    /// Status word of a saved card that has run out.
    expired_cards: ExpiredCards = ExpiredCards::Active;
    /// Order of a customer's saved cards.
    list_order: ListOrder = ListOrder::Oldest;
    /// What the header Idempotency-Key does.
    idempotency_key: IdempotencyKey = IdempotencyKey::Ignored;
}

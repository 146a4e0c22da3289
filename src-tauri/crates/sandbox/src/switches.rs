//! Every undocumented behaviour of wallee as a named switch: one table, one default each.
//! Knows nothing of HTTP or of the world; others ask it what to do.

use crate::switch_table::{SwitchError, choice, switches};

choice!(
    /// What a PATCH that carries `state` does; no public schema lists it (wallee fact sheet, section 4.1).
    StatePatch {
        /// The member is dropped like any unknown one.
        Ignores = "ignores",
        /// ACTIVE and INACTIVE are written.
        Accepts = "accepts",
        /// 422 naming `state`.
        Refuses = "refuses",
    }
);
choice!(
    /// What a second DELETE answers.
    DeleteAgain {
        /// 204, nothing changes.
        Silent = "204",
        /// 422.
        Refused = "422",
    }
);
choice!(
    /// What a PATCH of a token that is being deleted answers.
    PatchDeleting {
        /// 422.
        Unprocessable = "422",
        /// 409.
        Conflict = "409",
    }
);
choice!(
    /// What `active-version` answers for a token without one.
    NoActiveVersion {
        /// 404.
        NotFound = "404",
        /// 200 without a body.
        Empty = "empty",
    }
);
choice!(
    /// Status for something wrong in a request where the documents leave two open.
    BadRequestStatus {
        /// 400.
        BadRequest = "400",
        /// 422.
        Unprocessable = "422",
    }
);
choice!(
    /// How text is compared in a search.
    SearchCase {
        /// Byte for byte.
        Sensitive = "sensitive",
        /// Upper and lower case are the same.
        Insensitive = "insensitive",
    }
);
choice!(
    /// What a backslash inside a quoted search value means.
    SearchEscape {
        /// It takes the next character literally.
        Backslash = "backslash",
        /// It is a character like any other.
        None = "none",
    }
);
choice!(
    /// Status for a space the user has no role in.
    BadSpace {
        /// 403.
        Forbidden = "403",
        /// 404.
        NotFound = "404",
    }
);
choice!(
    /// The environment every token version claims.
    Environment {
        /// A test connector.
        Test = "TEST",
        /// A live connector.
        Production = "PRODUCTION",
    }
);
choice!(
    /// Direction of a list that does not say which.
    DefaultOrder {
        /// Oldest first.
        Ascending = "ASC",
        /// Newest first.
        Descending = "DESC",
    }
);
choice!(
    /// Status of a create that found its `externalId` already used.
    RepeatCreate {
        /// 201, as for a new one.
        Created = "201",
        /// 200.
        Ok = "200",
    }
);
choice!(
    /// What an explicit `null` in a PATCH does (wallee fact sheet, section 7.1).
    PatchNull {
        /// The member is treated as absent.
        Ignored = "ignored",
        /// The field becomes empty.
        Clears = "clears",
        /// 422 naming the field.
        Refused = "422",
    }
);
choice!(
    /// Which tokens a transaction for new card details is made for.
    DetailsPageFor {
        /// Every one that is not being deleted.
        Any = "any",
        /// ACTIVE ones.
        Active = "active",
        /// Those with an active version.
        Saved = "saved",
    }
);
choice!(
    /// How the address of a payment page is written in the answer; only the SDKs' type `str` is known.
    PageUrlBody {
        /// As plain text.
        Text = "text",
        /// As a JSON string.
        Json = "json",
    }
);
choice!(
    /// Status of a refusal that hangs on the state of an object.
    StateRefusal {
        /// 422.
        Unprocessable = "422",
        /// 409.
        Conflict = "409",
    }
);
choice!(
    /// What a PATCH that changes nothing does to `version`.
    NoopPatch {
        /// It is raised as for any update.
        Raises = "raises",
        /// It stays.
        Keeps = "keeps",
    }
);

impl StateRefusal {
    /// The HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::Unprocessable => 422,
            Self::Conflict => 409,
        }
    }
}

impl BadRequestStatus {
    /// The HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unprocessable => 422,
        }
    }
}

switches! {
    /// What a PATCH that carries `state` does.
    state_patch: StatePatch = StatePatch::Ignores;
    /// Whether list and search answers hold DELETING and DELETED tokens.
    list_includes_deleted: bool = true;
    /// What DELETE answers for a token that is already DELETING or DELETED.
    delete_on_deleting: DeleteAgain = DeleteAgain::Silent;
    /// What PATCH answers for a token that is DELETING or DELETED.
    patch_on_deleting: PatchDeleting = PatchDeleting::Unprocessable;
    /// What active-version answers for a token that has none.
    active_version_missing: NoActiveVersion = NoActiveVersion::NotFound;
    /// Status of a PATCH without `version`.
    missing_version: BadRequestStatus = BadRequestStatus::BadRequest;
    /// Status of a create without `externalId`.
    missing_external_id: BadRequestStatus = BadRequestStatus::Unprocessable;
    /// How a search compares text.
    search_case: SearchCase = SearchCase::Sensitive;
    /// What a backslash in a quoted search value means.
    search_escape: SearchEscape = SearchEscape::Backslash;
    /// Status of a search that names an unknown field.
    unknown_search_field: BadRequestStatus = BadRequestStatus::BadRequest;
    /// Whether every search is answered 403.
    search_forbidden: bool = false;
    /// Status for a space the user has no role in.
    bad_space: BadSpace = BadSpace::Forbidden;
    /// Status of a call without the Space header.
    missing_space: BadRequestStatus = BadRequestStatus::BadRequest;
    /// How far the server's clock is ahead of the real one, in seconds; negative is behind.
    clock_offset_seconds: i64 = 0;
    /// How far `iat` may be from the server's clock, in seconds.
    iat_window_seconds: u64 = 300;
    /// Whether `iat` in milliseconds is accepted too.
    iat_millis: bool = false;
    /// Whether the user may read tokens and token versions.
    may_read: bool = true;
    /// Whether the user may change tokens.
    may_update: bool = true;
    /// Whether the user may delete tokens.
    may_delete: bool = true;
    /// Whether the user may create tokens.
    may_create: bool = true;
    /// Whether the user may create transactions and read them.
    may_transact: bool = true;
    /// Which tokens a transaction for new card details is made for.
    details_page_for: DetailsPageFor = DetailsPageFor::Any;
    /// Status where none is made.
    details_page_refused: StateRefusal = StateRefusal::Unprocessable;
    /// How the address of a payment page is written in the answer.
    page_url_body: PageUrlBody = PageUrlBody::Text;
    /// The `version` of a token just created.
    version_after_create: u64 = 1;
    /// Status of a create whose `externalId` exists; the original object is answered.
    repeat_create: RepeatCreate = RepeatCreate::Created;
    /// What an explicit null in a PATCH does.
    patch_null: PatchNull = PatchNull::Ignored;
    /// What a PATCH that changes nothing does to `version`.
    noop_patch: NoopPatch = NoopPatch::Raises;
    /// The environment all token versions claim.
    environment: Environment = Environment::Test;
    /// Direction of a list without `order`.
    default_order: DefaultOrder = DefaultOrder::Ascending;
    /// Whether ids and versions in answers are texts instead of numbers.
    ids_as_strings: bool = false;
    /// Whether a few tokens show a state text no enum knows.
    unknown_enum: bool = false;
    /// How long a deleted token stays DELETING, in milliseconds.
    deleting_ms: u64 = 3_000;
    /// How long a DELETED token can still be read, in milliseconds.
    purge_ms: u64 = 60_000;
    /// How many calls a second are allowed, with as many at once; more are answered 429. 0 allows any number.
    calls_per_second: u64 = 0;
    /// What `Retry-After` a 429 of that limit names, in seconds; 0 names none.
    limit_retry_after: u64 = 1;
}

impl Switches {
    /// Sets one switch from `name=value`.
    ///
    /// # Errors
    /// [`SwitchError`] as for [`Switches::set`], or when there is no `=`.
    pub fn set_pair(&mut self, pair: &str) -> Result<(), SwitchError> {
        let (name, value) = pair.split_once('=').ok_or(SwitchError::Shape)?;
        self.set(name.trim(), value.trim())
    }
}

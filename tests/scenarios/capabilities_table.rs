//! What each payment system can do, cell by cell, and the scenario that shows it. `s`: [`crate::capabilities_switching`], `r`:
//! [`crate::capabilities_reading`], `d`: [`crate::capabilities_deleting`], `v`: [`crate::capabilities_verifying`].
//!
//! | | wallee | ProcessOut | KOMOJU | Zafapay | Prism |
//! | --- | --- | --- | --- | --- | --- |
//! | Customers come from | `r::customers_of_wallee_are_what_its_tokens_say` | `r::customers_of_processout_and_komoju_are_their_own_lists` | the same | `r::customers_of_zafapay_are_the_ids_imported_here` | `r::customers_of_prism_are_imported_with_their_tokens` |
//! | Tokens come from | `r::cards_of_wallee_come_with_their_versions` | `r::cards_of_processout_are_shown_whether_or_not_its_lists_show_them` | `r::a_card_of_komoju_is_its_customers_one_source` | `r::cards_of_zafapay_are_read_for_each_customer` | `r::cards_of_prism_are_the_tokens_as_they_were_imported` |
//! | One-click | `s::one_click_at_wallee_is_a_field_of_the_token` | `s::one_click_at_processout_and_komoju_is_a_key_of_the_metadata` | the same; `s::forgetting_a_one_click_record_of_komoju_deletes_the_hosted_pages_one` | `s::one_click_at_zafapay_is_a_note_of_this_desk` | `s::one_click_at_prism_is_a_note_of_this_desk` |
//! | Active / inactive | `s::active_at_wallee_is_asked_and_proven` | `s::active_at_processout_and_komoju_is_a_key_of_the_metadata` | the same | `s::active_at_zafapay_is_blocking_with_a_reason_that_goes_along`, `s::many_cards_of_zafapay_are_not_blocked_without_a_reason_either`, `s::a_card_of_zafapay_that_is_blocked_already_keeps_its_reason_and_ours_is_in_the_log` | `s::active_at_prism_is_a_note_of_this_desk` |
//! | Delete | `d::wallee_deletes_later_and_says_until_when` | `d::processout_deletes_a_card_at_once_and_its_customer_stays`, `d::processout_deletes_a_whole_customer_record_when_its_end_is_typed` | `d::komoju_deletes_the_customer_record_and_its_open_business_is_told_first` | `d::zafapay_offers_no_deletion_and_blocking_is_there_instead` | `d::prism_revokes_a_mandate_where_the_connector_has_it`, `d::prism_without_revoking_takes_a_card_off_this_desk_only` |
//! | Default card | `s::a_default_is_nothing_that_wallee_komoju_and_prism_know` | `s::the_default_at_processout_is_read_and_can_be_moved` | as wallee | `s::the_default_at_zafapay_is_read_and_cannot_be_set` | as wallee |
//! | Verification | `v::at_wallee_a_version_in_use_is_what_says_that_a_card_works` | `v::processout_tells_two_facts_and_both_are_shown_as_given` | `v::komoju_and_zafapay_tell_nothing_of_the_kind` | the same | `v::prism_verifies_by_a_hold_that_is_voided`, `v::every_end_of_a_verification_is_told_as_it_is_at_the_processor`, `v::in_live_verifying_is_off_until_a_person_allows_it`, `v::a_connector_that_cannot_authorize_a_saved_token_offers_no_verification` |
//! | Changes since | `r::between_passes_wallee_shows_new_ids_and_a_pass_shows_the_rest` | `r::between_passes_processout_and_komoju_tell_by_events`, `r::without_events_processout_and_komoju_are_read_whole_again`, `r::cards_that_nobody_told_of_are_missed_by_a_pass_and_asked_for_one_by_one` | the same | `r::a_customer_of_zafapay_is_read_again_from_time_to_time_and_when_opened` | `r::prism_tells_nothing_and_only_an_import_changes_what_is_shown` |
//! | Guard against somebody else | `s::what_somebody_else_changed_beside_a_wish_is_kept`, `s::what_somebody_else_did_already_is_not_sent_again`, `s::a_switch_that_somebody_else_flipped_and_flipped_back_is_for_a_person`, `d::a_card_that_was_renewed_or_became_the_default_is_not_deleted_without_a_person`, `d::what_somebody_else_deleted_already_is_deleted` | the same; `s::what_others_keep_in_the_metadata_is_compared_after_a_write`, `s::an_email_that_was_corrected_meanwhile_makes_nobody_else_of_a_customer` | the same | the same | `s::at_prism_there_is_nothing_to_overwrite_and_nothing_is_read_around_the_one_call` |
//!
//! Here: every account says the same of itself before and after it is connected, and so does each of its cards.

use crate::capabilities_ground::Ground;
use tokendesk_desk::contract::{CapabilityLine, Nothing};
use tokendesk_tests::played::System;

/// The lines of a table, in its order.
const WHAT: [&str; 8] = [
    "one_click",
    "active",
    "delete",
    "default_card",
    "verification",
    "customers_and_cards",
    "news",
    "guard",
];

/// What carries each of [`WHAT`].
fn carriers(system: System, connector: Option<&str>) -> [&'static str; 8] {
    match (system, connector) {
        (System::Wallee, _) => [
            "native",
            "asked_and_proven",
            "asynchronous",
            "none",
            "read_only",
            "native",
            "full_pass",
            "version_guard",
        ],
        (System::ProcessOut, _) => [
            "metadata",
            "metadata",
            "native",
            "native",
            "read_only",
            "native",
            "events",
            "reread",
        ],
        (System::Komoju, _) => [
            "metadata",
            "metadata",
            "customer_record",
            "none",
            "none",
            "native",
            "events",
            "reread",
        ],
        (System::Zafapay, _) => [
            "desk_only",
            "native",
            "block_instead",
            "read_only",
            "none",
            "imported",
            "reread",
            "reread",
        ],
        (System::Prism, Some("cybersource" | "noon")) => [
            "desk_only",
            "desk_only",
            "mandate",
            "none",
            "none",
            "imported",
            "import",
            "none",
        ],
        (System::Prism, _) => [
            "desk_only",
            "desk_only",
            "desk_only",
            "none",
            "native",
            "imported",
            "import",
            "none",
        ],
    }
}

fn said(lines: &[CapabilityLine]) -> Vec<(&str, &str)> {
    let all = lines.iter();
    all.map(|line| (line.what.as_str(), line.carrier.as_str()))
        .collect()
}

async fn says_the_same_of_its_cards(ground: &Ground, connector: Option<&str>) {
    let carriers = carriers(ground.system, connector);
    let account = ground.account().await;
    let expected: Vec<(&str, &str)> = WHAT.into_iter().zip(carriers).collect();
    assert_eq!(
        said(&account.capabilities),
        expected,
        "{} {connector:?}",
        ground.system
    );
    assert!(account.capabilities.iter().all(|line| line.says.ends_with('.')));
    for card in ground.all().await {
        let at_card = &card.carriers;
        assert_eq!(
            [
                at_card.one_click.as_str(),
                at_card.active.as_str(),
                at_card.delete.as_str(),
                at_card.default_card.as_str(),
            ],
            carriers[..4]
        );
        assert_eq!(at_card.verify, account.verification_allowed == Some(true));
        assert_eq!(at_card.reason_is_sent, ground.system == System::Zafapay);
        assert_eq!(at_card.ask_new_details, ground.system == System::Wallee);
        assert_eq!(at_card.delete_customer, ground.system == System::ProcessOut);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_account_and_every_card_says_what_the_table_says() {
    for system in System::ALL {
        let ground = Ground::of(system).await;
        let connector = (system == System::Prism).then_some("cybersource");
        says_the_same_of_its_cards(&ground, connector).await;
        let options = ground.desk.provider_options(Nothing {}).await.unwrap();
        let option = options
            .items
            .iter()
            .find(|one| one.provider == system.name())
            .unwrap();
        // Which connector it will be is not known before.
        let expected: Vec<(&str, &str)> = WHAT.into_iter().zip(carriers(system, None)).collect();
        assert_eq!(said(&option.capabilities), expected, "{system}");
    }
    for connector in ["stripe", "adyen", "noon"] {
        let ground = Ground::of_prism(connector, &[], |_| {}).await;
        says_the_same_of_its_cards(&ground, Some(connector)).await;
    }
}

//! Pages as no document describes them: read as far as they can be, counted, never a reason to stop.

use crate::shop::{Office, Shop};
use tokendesk_desk::contract::ProblemCode;
use tokendesk_sandbox::{Fault, Options, Switches};

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_nobody_knows_is_shown_and_cannot_be_switched() {
    let mut switches = Switches::default();
    switches.set("unknown_enum", "on").unwrap();
    let shop = Shop::with(Options {
        customers: 400,
        switches,
        ..Shop::options()
    });
    let office = Office::connected(&shop).await;
    let cards = office.cards().await;
    assert_eq!(cards.len(), shop.running.token_ids().len());
    let odd: Vec<_> = cards.iter().filter(|card| card.state_unknown).collect();
    assert!(!odd.is_empty(), "the world has some");
    for card in &odd {
        assert_eq!(
            (card.state.as_str(), card.switches.one_click_blocked.as_deref()),
            ("SUSPENDED", Some("unknown_state"))
        );
        assert!(card.switches.active_blocked.is_some() && card.switches.delete_blocked.is_some());
    }
    let request = tokendesk_desk::contract::SetOneClick {
        card_id: odd[0].id.clone(),
        on: false,
    };
    assert_eq!(
        office.desk.set_one_click(request).await.unwrap_err().code,
        ProblemCode::CardNotSwitchable
    );
    assert_eq!(office.account().await.states.other as usize, odd.len());
    office.assert_counters().await;

    shop.running.set_switch("unknown_enum", "off").unwrap();
    office.read_all().await.unwrap();
    office.assert_same_as(&shop).await;
    office.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_as_texts_make_no_difference() {
    let shop = Shop::start(100);
    let office = Office::connected(&shop).await;
    let rows = office.rows().await;
    shop.running.set_switch("ids_as_strings", "on").unwrap();
    office.read_all().await.unwrap();
    assert_eq!(office.rows().await, rows);
    let fresh = Office::connected(&shop).await;
    assert_eq!(fresh.rows().await, rows);
    let token = shop.everyday(1).remove(0);
    fresh.one_click(token.id, false).await;
    assert_eq!(fresh.push().await.done, 1);
    assert_eq!(shop.token(token.id).version, token.version + 1);
    fresh.assert_counters().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_with_members_missing_are_kept_where_they_can_be_and_end_no_pass() {
    let shop = Shop::start(100);
    let office = Office::connected(&shop).await;
    let rows = office.rows().await;
    for members in [
        vec![
            "customerEmailAddress",
            "customerId",
            "tokenReference",
            "language",
            "timeZone",
            "plannedPurgeDate",
        ],
        vec!["createdOn", "externalId", "linkedSpaceId"],
        vec!["enabledForOneClickPayment"],
        vec!["state"],
        vec!["version"],
        vec!["id"],
    ] {
        let fault = Fault::MissingMembers {
            members: members.iter().map(|&member| member.to_owned()).collect(),
        };
        shop.fault_from(2, "GET", "/payment/tokens?", Some(1), fault);
        office.read_all().await.unwrap();
        let cards = office.cards().await;
        assert_eq!(cards.len(), rows.len(), "without {members:?}");
        assert!(
            cards.iter().all(|card| card.gone_at.is_none()),
            "without {members:?}"
        );
        office.assert_counters().await;
    }
    for member in ["token", "state", "id", "paymentConnectorConfiguration"] {
        let fault = Fault::MissingMembers {
            members: vec![member.to_owned()],
        };
        shop.fault("GET", "/payment/token-versions?", Some(1), fault);
        office.read_all().await.unwrap();
    }
    // The next good pass says it all again.
    office.read_all().await.unwrap();
    assert_eq!(office.rows().await, rows);
    office.assert_counters().await;
}

//! `RecurringPaymentService/Revoke`: two connectors have it, and each reads another field (Prism fact sheet, section 6).

use super::Prism;
use super::connector::{Caller, Connector};
use super::payments::{Answer, Outcome, refused, strays, unsupported};
use super::proto::{Message, Writer};
use super::status::{Code, Status};

/// `MandateStatus.REVOKED`.
const REVOKED: i64 = 4;

pub(super) fn revoke(prism: &Prism, caller: &Caller, request: &Message<'_>) -> Outcome {
    let switches = prism.switches();
    let connector = caller.connector;
    if !connector.revokes() {
        return Err(unsupported(connector, "MandateRevoke", &switches));
    }
    let number = if connector == Connector::Noon { 2 } else { 3 };
    let Some(id) = request.text(number) else {
        return Err(Status::new(
            Code::InvalidArgument,
            "Missing required field: connector_mandate_id",
        ));
    };
    caller.sign_in()?;
    let lost = strays(prism, &id);
    let revoked = !lost
        && prism.change(|world| {
            world
                .saved_mut(connector, &id)
                .filter(|saved| saved.revoked.is_none())
                .map(|saved| saved.revoked = Some("prism"))
                .is_some()
        });
    if !revoked {
        let status = if connector == Connector::Noon { 400 } else { 404 };
        return Err(refused(status, "not found", &switches));
    }
    if connector == Connector::Noon && !switches.noon_revoke_readable {
        return Err(Status::new(Code::Internal, "Failed to parse connector response"));
    }
    let status = if connector == Connector::Noon { 200 } else { 204 };
    // merchant_revoke_id is not echoed.
    let answer = Writer::default().number(1, REVOKED).number(3, status);
    Ok(Answer::Message(answer.finish()))
}

//! The connection test: whether the server is reached, whether it takes the connector and its configuration, and whether the
//! processor takes the key, as far as that can be said without moving money (Prism fact sheet, sections 3, 6 and 9.2).

use super::Prism;
use super::answers::{Failure, Refusal};
use super::calls;
use crate::error::{ProviderError, ProviderErrorKind as Kind};
use crate::system::{CheckItem, CheckOutcome, CheckReport, CheckStep};
use prost::Message;
use std::time::{Duration, Instant};
use tonic::Code;

const HEALTH: &str = "/grpc.health.v1.Health/Check";
const SERVING: i32 = 1;

// A transaction nobody has: that it is not found shows that the processor was asked and let us in.
const NOBODYS: &str = "tokendesk_connection_test";

#[derive(Clone, PartialEq, Message)]
struct HealthCheckRequest {}

#[derive(Clone, PartialEq, Message)]
struct HealthCheckResponse {
    #[prost(int32, tag = "1")]
    status: i32,
}

/// Runs the test. It reads only.
pub(super) async fn run(prism: &Prism) -> CheckReport {
    let mut items = Vec::new();
    let mut since = Instant::now();
    let mut add = |step, outcome| {
        let now = Instant::now();
        items.push(CheckItem {
            step,
            outcome,
            took: now - since,
        });
        since = now;
    };
    let reach = reach(prism).await;
    let is_there = !matches!(reach, CheckOutcome::Fails(_));
    add(CheckStep::Reach, reach);
    let (connector, sign_in) = if is_there {
        look(prism).await
    } else {
        (CheckOutcome::NotTried, CheckOutcome::NotTried)
    };
    add(CheckStep::Connector, connector);
    add(CheckStep::SignIn, sign_in);
    for item in items
        .iter_mut()
        .filter(|item| item.outcome == CheckOutcome::NotTried)
    {
        item.took = Duration::ZERO;
    }
    CheckReport {
        items,
        at: (prism.clock)(),
        production_seen: false,
    }
}

async fn reach(prism: &Prism) -> CheckOutcome {
    let asked: Result<HealthCheckResponse, Failure> = prism
        .channel
        .call(HEALTH, HealthCheckRequest {}, prism.channel.timeout())
        .await;
    match asked {
        Ok(answer) if answer.status == SERVING => CheckOutcome::Works(None),
        Ok(_) => CheckOutcome::Fails(ProviderError::new(Kind::ServerFailed)),
        // A server without the health service answers all the same; whether it is Prism shows in the next step.
        Err(Failure::Answered(refusal)) if refusal.code == Code::Unimplemented => CheckOutcome::Works(None),
        Err(failure) => CheckOutcome::Fails(failure.into()),
    }
}

// The connector, and the key.
async fn look(prism: &Prism) -> (CheckOutcome, CheckOutcome) {
    use CheckOutcome::{Fails, Limited, NotTried, Works};
    let shown = || Some(prism.connector.shown.to_owned());
    let Some(request) = calls::get(NOBODYS) else {
        return (NotTried, NotTried);
    };
    let failure = match prism.channel.get(request, prism.channel.timeout()).await {
        Ok(_) => return (Works(shown()), Works(None)),
        Err(failure) => failure,
    };
    let refusal = match &failure {
        Failure::Answered(refusal) => refusal.clone(),
        _ => return (Fails(failure.into()), NotTried),
    };
    let error = ProviderError::from(failure);
    match verdict(&refusal, prism.connector.reads_back) {
        Verdict::Works => (Works(shown()), Works(None)),
        Verdict::KeyRefused => (Works(shown()), Fails(error)),
        Verdict::ConnectorRefused => (Fails(error), NotTried),
        Verdict::KeyNotTried => (Works(shown()), Limited(ProviderError::new(Kind::NotOffered))),
        Verdict::Unclear => (Works(shown()), Limited(error)),
        Verdict::Failed => (Fails(error), NotTried),
    }
}

/// What the answer to a read of nobody's transaction shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// The processor looked it up: it took the key.
    Works,
    /// The processor refused the key.
    KeyRefused,
    /// Prism refused connector or configuration, before the processor was asked.
    ConnectorRefused,
    /// Prism took the configuration; this connector cannot be asked anything without moving money.
    KeyNotTried,
    /// The processor was asked; its answer tells nothing of the key.
    Unclear,
    /// The server did not do its work.
    Failed,
}

fn verdict(refusal: &Refusal, reads_back: bool) -> Verdict {
    let by_processor = refusal.processor.is_some();
    match refusal.code {
        Code::NotFound => Verdict::Works,
        Code::Unauthenticated | Code::PermissionDenied if by_processor => Verdict::KeyRefused,
        Code::Unauthenticated | Code::PermissionDenied => Verdict::ConnectorRefused,
        Code::Internal if !reads_back && !by_processor => Verdict::KeyNotTried,
        Code::FailedPrecondition if !reads_back => Verdict::ConnectorRefused,
        Code::FailedPrecondition | Code::Unimplemented | Code::InvalidArgument if !by_processor => {
            Verdict::ConnectorRefused
        }
        // Many processors say 400 to an id they never gave out.
        Code::InvalidArgument | Code::FailedPrecondition | Code::Unknown if by_processor => Verdict::Unclear,
        _ => Verdict::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::Status;

    #[test]
    fn what_a_read_of_nothing_shows() {
        let verdict = |code, processor: Option<u16>, reads_back| {
            let words = processor.map_or_else(String::new, |status| {
                format!("Connector returned an error response with status {status}")
            });
            super::verdict(&Refusal::of(&Status::new(code, words)), reads_back)
        };
        assert_eq!(verdict(Code::NotFound, Some(404), true), Verdict::Works);
        assert_eq!(
            verdict(Code::Unauthenticated, Some(401), true),
            Verdict::KeyRefused
        );
        assert_eq!(
            verdict(Code::Unauthenticated, None, true),
            Verdict::ConnectorRefused
        );
        assert_eq!(
            verdict(Code::FailedPrecondition, None, true),
            Verdict::ConnectorRefused
        );
        assert_eq!(verdict(Code::Internal, None, false), Verdict::KeyNotTried);
        assert_eq!(verdict(Code::Internal, None, true), Verdict::Failed);
        assert_eq!(verdict(Code::InvalidArgument, Some(400), true), Verdict::Unclear);
        assert_eq!(verdict(Code::Unavailable, None, true), Verdict::Failed);
    }
}

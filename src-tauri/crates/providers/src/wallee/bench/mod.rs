//! The guided flows of wallee's own documents. A run touches nothing but the token it created.
//!
//! Test and demo accounts only: for a live one there are no flows and no step runs.

mod flows;
mod run;
mod shown;
mod steps;

use super::Wallee;
use crate::bench::{BenchError, Flow, FlowState, StepDone, TestBench};
use async_trait::async_trait;
use run::{EXTERNAL_ID, Run, TOKEN};
use std::collections::BTreeMap;
use tokendesk_model::Environment;

#[async_trait]
impl TestBench for Wallee {
    fn flows(&self) -> &'static [Flow] {
        if self.environment == Environment::Live {
            &[]
        } else {
            flows::FLOWS
        }
    }

    async fn run(
        &self,
        flow: &str,
        step: &str,
        choices: &BTreeMap<String, String>,
        state: FlowState,
    ) -> Result<StepDone, BenchError> {
        let step = self
            .flows()
            .iter()
            .find(|known| known.id == flow)
            .and_then(|flow| flow.steps.iter().find(|known| known.id == step))
            .filter(|_| choices.is_empty())
            .ok_or(BenchError::Unknown)?;
        let mut run = Run {
            wallee: self,
            state,
            exchanges: Vec::new(),
        };
        let said = if step.id == flows::CREATE {
            steps::create(&mut run).await
        } else {
            let needed = |name| run.known(name).ok_or(BenchError::TooEarly(flows::CREATE));
            let (token, external_id) = (needed(TOKEN)?, needed(EXTERNAL_ID)?);
            match step.id {
                flows::CREATE_AGAIN => steps::create_again(&mut run, &external_id, &token).await,
                flows::DEACTIVATE => steps::switch(&mut run, &token, false).await,
                flows::ACTIVATE => steps::switch(&mut run, &token, true).await,
                flows::DELETE => steps::delete(&mut run, &token).await,
                flows::READ => steps::read(&mut run, &token).await,
                flows::PAGE => steps::page(&mut run, &token).await,
                flows::DETAILS => steps::details(&mut run, &token).await,
                _ => return Err(BenchError::Unknown),
            }
        }
        .unwrap_or_else(|ended| ended);
        Ok(StepDone {
            result: said.result,
            outcome: said.outcome,
            meaning: said.meaning,
            next: said.next,
            facts: said.facts,
            link: said.link,
            exchanges: run.exchanges,
            tokens: Vec::new(),
            state: run.state,
        })
    }
}

/** Asks again before a stopped plan goes on, where running it had to be confirmed. */
import { useState } from "react";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { ProblemNote } from "../../components/problem";
import type { PlanView } from "../../contract";
import { Say } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { answered, ConfirmationFields } from "./plan-confirmation";

export function GoOnDialog({ plan, onClose }: { plan: PlanView; onClose: () => void }) {
  const run = useAct("run_plan", ["plans", "changes", "cards", "status"]);
  const [answer, setAnswer] = useState({ typed: "", reason: plan.reason ?? "" });
  const n = plan.counts.planned;
  const ready = answered(plan.confirmation, answer) && !run.isPending;
  const start = () => {
    if (!ready) return;
    run.mutate(
      { plan_id: plan.id, confirmation: plan.confirmation.expected, reason: answer.reason.trim() || null },
      { onSuccess: onClose },
    );
  };
  return (
    <Dialog
      alert
      title={<Say id="plan.goOn" n={n} />}
      onClose={onClose}
      testId="go-on-dialog"
      footer={
        <>
          <span className="grow" />
          <Button size="l" onPress={onClose}>
            <Say id="plan.stayStopped" />
          </Button>
          <Button
            size="l"
            kind={plan.action === "delete" ? "danger" : "primary"}
            isDisabled={!ready}
            onPress={start}
            data-testid="go-on"
          >
            <Say id="plan.resume" n={n} />
          </Button>
        </>
      }
    >
      <p className="c-2">
        <Say id="plan.goOnText" action={plan.action} />
      </p>
      <ConfirmationFields plan={plan} answer={answer} onChange={setAnswer} onEnter={start} />
      {run.error && <ProblemNote problem={run.error} />}
    </Dialog>
  );
}

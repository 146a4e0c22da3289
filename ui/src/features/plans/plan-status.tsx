import type { PlanView } from "../../contract";
import { type MessageId, Say } from "../../messages/text";
import { needYou } from "./plan-words";

const WORDS: Record<string, MessageId> = {
  draft: "plan.status.draft",
  running: "plan.status.running",
  stopped: "plan.status.stopped",
  finished: "plan.status.finished",
};

/** Where a plan stands, in a word. Amber only where a person is needed. */
export function PlanStatus({ plan }: { plan: PlanView }) {
  // Every row has begun; some are not confirmed yet.
  const coming = plan.status === "running" && plan.counts.planned === 0;
  const need = needYou(plan.counts) > 0 || (plan.status === "stopped" && plan.counts.planned > 0);
  const look = need ? "p-warn" : plan.status === "running" ? "p-info" : "p-plain";
  return (
    <span className={`pill ${look}`} data-testid="plan-status" data-status={plan.status}>
      <Say id={coming ? "plan.status.coming" : (WORDS[plan.status] ?? "plan.status.running")} />
    </span>
  );
}

/** How far a plan is: one slim line, and the numbers behind it. */
import { ProgressBar } from "react-aria-components";
import type { PlanView } from "../../contract";
import { Say, useText } from "../../messages/text";
import { doing, needYou, settled } from "./plan-words";

export function PlanProgress({ plan }: { plan: PlanView }) {
  const text = useText();
  const { counts } = plan;
  // What was left out from the start is no progress.
  const whole = Math.max(1, doing(plan));
  const part = (n: number) => `${(n / whole) * 100}%`;
  return (
    <ProgressBar
      className="progress"
      aria-label={text("plan.progress", { action: plan.action })}
      value={settled(plan) + needYou(counts)}
      maxValue={whole}
      data-testid="plan-progress"
    >
      <div className="bar plan-bar">
        <i style={{ width: part(settled(plan)) }} />
        <i className="need" style={{ width: part(needYou(counts)) }} />
        <i className="queued" style={{ width: part(counts.queued) }} />
      </div>
    </ProgressBar>
  );
}

/** "488 done, 5 on their way, 7 need you, 0 left" */
export function PlanNumbers({ plan }: { plan: PlanView }) {
  const { done, queued, planned, skipped, withdrawn } = plan.counts;
  return (
    <span className="plan-numbers f12 c-2 num" data-testid="plan-numbers">
      <span>
        <Say id="plan.n.done" n={done} />
      </span>
      {queued > 0 && (
        <span>
          <Say id="plan.n.queued" n={queued} />
        </span>
      )}
      {needYou(plan.counts) > 0 && (
        <span className="c-warn med">
          <Say id="plan.n.needYou" n={needYou(plan.counts)} />
        </span>
      )}
      {planned > 0 && (
        <span>
          <Say id={plan.status === "draft" ? "plan.n.planned" : "plan.n.left"} n={planned} />
        </span>
      )}
      {skipped > 0 && (
        <span>
          <Say id="plan.n.skipped" n={skipped} />
        </span>
      )}
      {withdrawn > 0 && (
        <span>
          <Say id="plan.n.withdrawn" n={withdrawn} />
        </span>
      )}
    </span>
  );
}

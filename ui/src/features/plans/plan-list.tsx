/** The plans of the environment in view, newest first; and, wherever it is wanted, a line for each that runs. */
import { Button as AriaButton } from "react-aria-components";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { ListSkeleton, useWaitedLong } from "../../components/skeleton";
import { useTimes } from "../../components/time";
import type { PlanView } from "../../contract";
import { Say } from "../../messages/text";
import { useRead } from "../../platform/queries";
import { ALL_PLANS, useView } from "../shell/view";
import { PlanNumbers, PlanProgress } from "./plan-progress";
import { PlanStatus } from "./plan-status";
import { doing, needYou, underWay } from "./plan-words";

export function usePlans() {
  const view = useView();
  const list = useRead("list_plans", {}, { keep: true });
  return { ...list, plans: list.data?.items.filter((x) => x.env === view.env) ?? [] };
}

export function PlanList() {
  const { plans, error, isPending } = usePlans();
  const long = useWaitedLong(isPending);
  return (
    <div className="wrap plan-list" data-scroll>
      {error && <ProblemNote problem={error} />}
      {long && <ListSkeleton rows={4} />}
      {!isPending && !error && plans.length === 0 && (
        <div className="none-here">
          <h2>
            <Say id="plans.empty" />
          </h2>
          <p className="c-2">
            <Say id="plans.emptyText" />
          </p>
        </div>
      )}
      {plans.length > 0 && (
        <ul className="panel">
          {plans.map((plan) => (
            <PlanLine key={plan.id} plan={plan} />
          ))}
        </ul>
      )}
    </div>
  );
}

function PlanLine({ plan }: { plan: PlanView }) {
  const view = useView();
  const times = useTimes();
  return (
    <li data-testid="plan-line" data-status={plan.status}>
      <AriaButton className="plan-line" onPress={() => view.showPlan(plan.id)}>
        <span className="plan-line-what">
          <span className="med cut">
            <Say id="plan.deed" action={plan.action} n={doing(plan)} />
          </span>
          <span className="f12 c-3 cut" title={times.exact(plan.made_at)}>
            <Say id="plan.madeBy" who={plan.actor} at={times.at(plan.made_at)} />
          </span>
        </span>
        <PlanStatus plan={plan} />
        <span className="plan-line-far">
          {plan.status !== "draft" && <PlanProgress plan={plan} />}
          <PlanNumbers plan={plan} />
        </span>
        <Icon name="down" size="s" className="plan-line-go" />
      </AriaButton>
    </li>
  );
}

/** What runs, is stopped, or needs a person; for the top of a screen. Nothing while there is no such plan. */
export function PlansUnderWay() {
  const view = useView();
  const { plans } = usePlans();
  const open = plans.filter(
    (x) => underWay(x) || (x.status !== "draft" && needYou(x.counts) > 0) || x.status === "stopped",
  );
  if (open.length === 0) return null;
  return (
    <section className="plans-open" aria-labelledby="plans-open-title" data-testid="plans-under-way">
      <div className="sect">
        <h2 id="plans-open-title" className="h3">
          <Say id="plans.title" />
        </h2>
        <span className="c-3 f12">
          <Say id="plans.openMeans" />
        </span>
        <span className="grow" />
        <AriaButton className="link f12" onPress={() => view.showPlan(ALL_PLANS)}>
          <Say id="plans.all" n={plans.length} />
        </AriaButton>
      </div>
      <ul className="panel">
        {open.map((plan) => (
          <PlanLine key={plan.id} plan={plan} />
        ))}
      </ul>
    </section>
  );
}

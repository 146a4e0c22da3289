/** A slim line for each plan that runs, above what a person does meanwhile. */
import { Button as AriaButton } from "react-aria-components";
import { Say } from "../../messages/text";
import { useView } from "../shell/view";
import { usePlans } from "./plan-list";
import { PlanNumbers, PlanProgress } from "./plan-progress";
import { doing, underWay } from "./plan-words";

export function PlansRunning() {
  const view = useView();
  const { plans } = usePlans();
  const running = plans.filter(underWay);
  if (running.length === 0) return null;
  return (
    <ul className="plans-running">
      {running.map((plan) => (
        <li key={plan.id}>
          <AriaButton className="plans-running-line" onPress={() => view.showPlan(plan.id)} data-testid="plan-running">
            <span className="med f12 cut">
              <Say id="plan.deed" action={plan.action} n={doing(plan)} />
            </span>
            <PlanProgress plan={plan} />
            <PlanNumbers plan={plan} />
          </AriaButton>
        </li>
      ))}
    </ul>
  );
}

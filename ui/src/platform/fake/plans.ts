/** The fake desk's plans: what would happen to many cards, and then running it. */
import type { Commands, PlanView } from "../../contract";
import { type Desk, problem } from "./records";

export type Plan = PlanView;

type PlanCommands = "make_plan" | "list_plans" | "show_plan" | "plan_rows" | "run_plan" | "stop_plan" | "drop_plan";

export function planCommands({ world }: Desk): {
  [C in PlanCommands]: (request: Commands[C]["request"]) => Commands[C]["response"];
} {
  const plan = (id: string): Plan => {
    const found = world.plans.find((x) => x.id === id);
    if (!found) throw problem("plan_unknown", "No such plan is on this desk.");
    return found;
  };
  return {
    make_plan: () => {
      throw problem("plan_empty", "No card was chosen.");
    },
    list_plans: () => ({ items: world.plans }),
    show_plan: ({ plan_id }) => plan(plan_id),
    plan_rows: () => ({ items: [], next: null }),
    run_plan: ({ plan_id }) => plan(plan_id),
    stop_plan: ({ plan_id }) => plan(plan_id),
    drop_plan: ({ plan_id }) => {
      world.plans.splice(world.plans.indexOf(plan(plan_id)), 1);
      return {};
    },
  };
}

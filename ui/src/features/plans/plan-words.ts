/** Plans in words: what one does, and how far its rows are. Whole sentences, so that other languages can have their own. */
import type { PlanCounts, PlanView } from "../../contract";
import type { MessageId } from "../../messages/text";

export const ACTIONS = ["one_click_off", "one_click_on", "deactivate", "activate", "delete"] as const;
export type PlanAction = (typeof ACTIONS)[number];

const WORDS: Record<PlanAction, MessageId> = {
  one_click_off: "plan.do.oneClickOff",
  one_click_on: "plan.do.oneClickOn",
  deactivate: "plan.do.deactivate",
  activate: "plan.do.activate",
  delete: "plan.do.delete",
};

export const actionWord = (action: PlanAction): MessageId => WORDS[action];

/** Every word that a row can have, in the order in which a person cares. */
export const ROW_STATUSES = ["stuck", "conflict", "queued", "planned", "done", "skipped", "withdrawn"] as const;
export type RowStatus = (typeof ROW_STATUSES)[number];

/** The cards that a plan does something with: all but those left out when it was made. */
export const doing = (plan: PlanView) => plan.total - plan.skips.reduce((n, x) => n + x.cards, 0);

export const needYou = (counts: PlanCounts) => counts.stuck + counts.conflict;

/** Of {@link doing}, the rows that ended and ask for nothing: done, taken back, or left out when their turn came. */
export function settled(plan: PlanView): number {
  const { done, withdrawn, skipped } = plan.counts;
  return done + withdrawn + Math.max(0, skipped - (plan.total - doing(plan)));
}

/** A plan that was started and has rows that have not ended. */
export const underWay = (plan: PlanView) => plan.status === "running";

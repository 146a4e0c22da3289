/**
 * The fake desk's plans: what would happen to many cards, and then running it, a few cards at a time, each looked at
 * again when its turn comes.
 */
import type {
  Commands,
  PlanAccount,
  PlanConfirmation,
  PlanCounts,
  PlanRow,
  PlanSkip,
  PlanView,
  PlanWarning,
} from "../../contract";
import { type Card, type Change, type Desk, problem, type World } from "./records";
import { findCards, parse } from "./search";
import { cardView, changeView, openOf, tagOf } from "./views";

interface Row {
  card: Card;
  /** Why it is left out. */
  skip: string | null;
  change: Change | null;
}

/** What stays as it was made; the rest is counted when it is asked for. */
export interface Plan {
  made: Omit<PlanView, "status" | "counts" | "confirmation">;
  status: string;
  rows: Row[];
}

interface Wish {
  wish: string;
  value: boolean | null;
}

const WISHES: Record<string, Wish> = {
  one_click_on: { wish: "one_click", value: true },
  one_click_off: { wish: "one_click", value: false },
  activate: { wish: "active", value: true },
  deactivate: { wish: "active", value: false },
  delete: { wish: "delete", value: null },
};

/** Cards written down in one step. */
const AT_ONCE = 25;

const SKIP_WORDS: Record<string, string> = {
  already_so: "It is so already.",
  deletion_waiting: "Its deletion is under way.",
  deleting: "It is being deleted.",
  deleted: "It is deleted.",
  creating: "It is still being created.",
  unknown_state: "This version does not know its state.",
  not_possible_here: "The payment system does not do this at this account.",
  account_paused: "The account is paused.",
  unknown: "It is not in the copy on this computer any more.",
};

const EFFECTS: Record<string, string> = {
  one_click_on: "One-click is switched on at wallee: the buyer is offered the card again.",
  one_click_off: "One-click is switched off at wallee: the buyer is not offered the card any more.",
  activate: "wallee sets the card active.",
  deactivate: "wallee sets the card inactive: nothing can be charged to it.",
  delete: "wallee deletes the card for good. Nobody can bring it back.",
};

function skipOf(world: World, card: Card, { wish, value }: Wish): string | null {
  const view = cardView(world, card);
  const { account } = card.customer;
  if (!world.cards.has(card.id)) return "unknown";
  if (card.goneAt || view.state === "deleted") return "deleted";
  if (view.state === "deleting") return "deleting";
  if (openOf(world, card).some((x) => x.wish === "delete" && x.status !== "stuck")) return "deletion_waiting";
  if (view.state_unknown) return "unknown_state";
  if (view.state === "creating" && wish !== "delete") return "creating";
  if (wish === "one_click" && view.one_click === value) return "already_so";
  if (wish === "active" && (view.state === "active") === value) return "already_so";
  if (wish === "active" && (account.lesson === "ignores" || account.lesson === "refuses")) return "not_possible_here";
  return account.paused ? "account_paused" : null;
}

function warningsOf(world: World, action: string, cards: Card[]): PlanWarning[] {
  const taken = new Set(cards.map((x) => x.id));
  const customers = [...new Set(cards.map((x) => x.customer))];
  const loses = (usable: (card: Card) => boolean) =>
    customers.filter(
      (x) => x.cards.some((c) => taken.has(c.id) && usable(c)) && !x.cards.some((c) => !taken.has(c.id) && usable(c)),
    ).length;
  const warnings: PlanWarning[] = [];
  const ends = action === "delete" || action === "deactivate";
  const active = ends ? loses((c) => c.state === "active") : 0;
  if (active > 0) {
    warnings.push({ kind: "last_active", n: active, words: `Customers who have no other active card: ${active}.` });
  }
  const oneClick = ends || action === "one_click_off" ? loses((c) => c.state === "active" && c.oneClick === true) : 0;
  if (oneClick > 0) {
    const words = `Customers who have no other one-click card and enter a card next time: ${oneClick}.`;
    warnings.push({ kind: "last_one_click", n: oneClick, words });
  }
  const replaced = cards.filter((x) => openOf(world, x).some((c) => ["held", "waiting"].includes(c.status))).length;
  if (replaced > 0) {
    const words = `Cards with a change that is not sent yet, which this one may replace: ${replaced}.`;
    warnings.push({ kind: "other_changes_replaced", n: replaced, words });
  }
  return warnings;
}

/** For what is still to be done; what runs or has run asks for nothing. */
function confirmationOf(plan: Plan): PlanConfirmation {
  const { env, action } = plan.made;
  const cards = plan.rows.filter((x) => statusOf(x) === "planned").map((x) => x.card);
  const [only] = cards;
  if (!only || !["draft", "stopped"].includes(plan.status)) return { kind: "nothing", expected: null };
  if (env === "live" && cards.length > 1) return { kind: "count_and_reason", expected: String(cards.length) };
  if (env === "live") {
    return only.last4 ? { kind: "last4", expected: only.last4 } : { kind: "id_end", expected: only.remoteId.slice(-4) };
  }
  if (cards.length > 1 && action === "delete") return { kind: "count", expected: String(cards.length) };
  return { kind: "nothing", expected: null };
}

function statusOf({ skip, change }: Row): string {
  if (skip) return "skipped";
  if (!change) return "planned";
  return ["held", "waiting", "sending"].includes(change.status) ? "queued" : change.status;
}

function skipView(why: string, cards = 1): PlanSkip {
  return { why, words: SKIP_WORDS[why] ?? why, cards };
}

function planView(plan: Plan): PlanView {
  const counts: PlanCounts = { planned: 0, queued: 0, done: 0, stuck: 0, conflict: 0, skipped: 0, withdrawn: 0 };
  for (const row of plan.rows) counts[statusOf(row) as keyof PlanCounts] += 1;
  if (plan.status === "running" && counts.planned + counts.queued === 0) plan.status = "finished";
  return { ...plan.made, status: plan.status, counts, confirmation: confirmationOf(plan) };
}

function rowView(world: World, row: Row, at: number): PlanRow {
  return {
    number: at + 1,
    card_id: row.card.id,
    remote_id: row.card.remoteId,
    card: world.cards.has(row.card.id) ? cardView(world, row.card) : null,
    status: statusOf(row),
    skipped: row.skip ? skipView(row.skip) : null,
    change: row.change ? changeView(row.change) : null,
    problem: row.change?.problem ?? null,
  };
}

type PlanCommands = "make_plan" | "list_plans" | "show_plan" | "plan_rows" | "run_plan" | "stop_plan" | "drop_plan";

export function planCommands({ world, changed, card, ask, step }: Desk): {
  [C in PlanCommands]: (request: Commands[C]["request"]) => Commands[C]["response"];
} {
  let sequence = 0;

  const find = (id: string): Plan => {
    const found = world.plans.find((x) => x.made.id === id);
    if (!found) throw problem("plan_unknown", "No such plan is on this desk.");
    return found;
  };

  const wishOf = (action: string): Wish => {
    const wish = WISHES[action];
    if (!wish) throw problem("field_invalid", "This is not something a plan can do.", { field: "action" });
    return wish;
  };

  const goOn = (plan: Plan): void => {
    if (plan.status !== "running") return;
    const wish = wishOf(plan.made.action);
    const next = plan.rows.filter((x) => statusOf(x) === "planned").slice(0, AT_ONCE);
    for (const row of next) {
      row.skip = skipOf(world, row.card, wish);
      if (row.skip) continue;
      row.change = ask(row.card, wish.wish, wish.value, plan.made.reason);
      row.change.plan_id = plan.made.id;
    }
    if (plan.rows.some((x) => statusOf(x) === "planned")) setTimeout(() => goOn(plan), step());
    changed(["plans", "changes", "cards", "status"]);
  };

  return {
    make_plan: ({ env, action, cards, query }) => {
      const started = performance.now();
      const wish = wishOf(action);
      const people = world.people.filter((x) => x.env === env);
      const chosen = query === null ? cards.map(card) : findCards(world, people, parse(query));
      if (chosen.length === 0) throw problem("plan_empty", "No card was chosen.");
      const rows = chosen.map((x): Row => ({ card: x, skip: skipOf(world, x, wish), change: null }));
      const taken = rows.filter((x) => x.skip === null).map((x) => x.card);
      const accounts = [...new Set(taken.map((x) => x.customer.account))].map(
        (account): PlanAccount => ({
          account: tagOf(account),
          cards: taken.filter((x) => x.customer.account === account).length,
          effect: EFFECTS[action] ?? "",
          learns_first: wish.wish === "active" && account.lesson === "untried",
        }),
      );
      const skipped = rows.flatMap((x) => x.skip ?? []);
      sequence += 1;
      const plan: Plan = {
        made: {
          id: `plan-${sequence}`,
          env,
          action,
          query,
          made_at: new Date().toISOString(),
          actor: "Mira Hoffmann",
          total: rows.length,
          accounts,
          skips: [...new Set(skipped)].map((why) => skipView(why, skipped.filter((x) => x === why).length)),
          warnings: warningsOf(world, action, taken),
          reason: null,
          took_ms: Math.round(performance.now() - started),
        },
        status: "draft",
        rows,
      };
      world.plans.unshift(plan);
      changed(["plans"]);
      return planView(plan);
    },
    list_plans: () => ({ items: world.plans.slice(0, 100).map(planView) }),
    show_plan: ({ plan_id }) => planView(find(plan_id)),
    plan_rows: ({ plan_id, statuses, after, limit }) => {
      const rows = find(plan_id)
        .rows.map((row, at) => ({ row, at }))
        .filter(
          ({ row, at }) => at >= Number(after ?? 0) && (statuses.length === 0 || statuses.includes(statusOf(row))),
        );
      return {
        items: rows.slice(0, limit).map(({ row, at }) => rowView(world, row, at)),
        next: rows.length > limit ? String(rows[limit]?.at) : null,
      };
    },
    run_plan: ({ plan_id, confirmation, reason }) => {
      const plan = find(plan_id);
      if (plan.status === "running" || plan.status === "finished") {
        throw problem("plan_not_ready", "This plan was run already.");
      }
      const { kind, expected } = confirmationOf(plan);
      if (expected !== null && confirmation?.trim() !== expected) {
        throw problem("confirmation_missing", "What was typed does not match.", { field: "confirmation" });
      }
      if (kind === "count_and_reason" && !reason && !plan.made.reason) {
        throw problem("reason_missing", "A reason is needed.", { field: "reason" });
      }
      plan.made.reason = reason ?? plan.made.reason;
      plan.status = "running";
      setTimeout(() => goOn(plan), step());
      changed(["plans"]);
      return planView(plan);
    },
    stop_plan: ({ plan_id }) => {
      const plan = find(plan_id);
      if (plan.status !== "running") throw problem("plan_not_ready", "This plan is not running.");
      plan.status = "stopped";
      // What was not sent is taken back, and planned again.
      for (const row of plan.rows) {
        const { change } = row;
        if (!change || change.attempts > 0 || !["held", "waiting"].includes(change.status)) continue;
        Object.assign(change, { status: "withdrawn", why: "undo", hold: null, holdEnds: null });
        row.change = null;
      }
      changed(["plans", "changes", "cards", "status"]);
      return planView(plan);
    },
    drop_plan: ({ plan_id }) => {
      const plan = find(plan_id);
      if (plan.status !== "draft") throw problem("plan_not_ready", "This plan was run already.");
      world.plans.splice(world.plans.indexOf(plan), 1);
      changed(["plans"]);
      return {};
    },
  };
}

/** The fake outbox: waiting, then sending, then what the fake payment system makes of it. */
import type { ChangeView, Tag } from "../../contract";
import { type Card, problem, type World } from "./records";

export interface Pace {
  /** Milliseconds in each of waiting and sending. */
  step: number;
}

export class Outbox {
  private sequence = 0;

  constructor(
    private readonly world: World,
    private readonly pace: Pace,
    private readonly changed: (tags: Tag[]) => void,
  ) {}

  ask(card: Card, wish: string, value: boolean | null, reason: string | null): ChangeView {
    for (const earlier of this.world.changes) {
      const replaced = earlier.card_id === card.id && earlier.status === "waiting";
      if (replaced && (earlier.wish === wish || wish === "delete")) {
        earlier.status = "withdrawn";
        earlier.why = "superseded";
      }
    }
    this.sequence += 1;
    const { customer } = card;
    const now = new Date().toISOString();
    const change: ChangeView = {
      id: `change-${this.sequence}`,
      card_id: card.id,
      provider: "wallee",
      provider_name: "wallee",
      account_id: customer.account.id,
      account_label: customer.account.label,
      remote_id: card.remoteId,
      env: customer.account.env,
      wish,
      value,
      status: "waiting",
      why: null,
      problem: null,
      held_up_by: null,
      brand_name: card.brandName,
      last4: card.last4,
      email: customer.email,
      reason,
      actor: "Mira Hoffmann",
      created_at: now,
      updated_at: now,
      next_attempt_at: null,
      attempts: 0,
      request_id: null,
    };
    this.world.changes.push(change);
    this.schedule(change);
    return change;
  }

  schedule(change: ChangeView): void {
    const account = this.world.accounts.find((x) => x.id === change.account_id);
    change.held_up_by = this.world.offlineSince ? "offline" : account?.paused ? "paused" : null;
    if (change.held_up_by) return;
    setTimeout(() => this.send(change), this.pace.step);
  }

  private send(change: ChangeView): void {
    if (change.status !== "waiting") return;
    this.move(change, "sending");
    change.attempts += 1;
    setTimeout(() => this.settle(change), this.pace.step);
  }

  private settle(change: ChangeView): void {
    if (change.status !== "sending") return;
    const card = this.world.cards.get(change.card_id);
    if (!card) return;
    const { account } = card.customer;
    change.request_id = `req-${change.id}`;
    if (change.wish === "active") {
      account.lesson = account.truth;
      if (account.truth !== "accepts") {
        change.why = account.truth === "ignores" ? "ignored" : "refused";
        change.problem = problem("not_possible_here", "wallee does not take this card's state", {
          request_id: change.request_id,
        });
        this.move(change, "stuck");
        return;
      }
      card.state = change.value ? "active" : "inactive";
    } else if (change.wish === "one_click") {
      card.oneClick = change.value;
    } else {
      card.state = "deleting";
      card.purgeOn = new Date(Date.now() + 4 * 86_400_000).toISOString();
    }
    card.version += 1;
    card.readAt = new Date().toISOString();
    this.move(change, "done");
  }

  move(change: ChangeView, status: string): void {
    change.status = status;
    change.updated_at = new Date().toISOString();
    this.changed(["cards", "changes", "status", "accounts"]);
  }

  releaseAll(): void {
    for (const change of this.world.changes) if (change.status === "waiting") this.schedule(change);
  }
}

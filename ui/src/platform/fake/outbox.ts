/** The fake outbox: held, then waiting, then sending, then what the fake payment system makes of it. */
import type { Commands, ConflictView, Tag } from "../../contract";
import { type Card, type Change, problem, type World } from "./records";
import { changeView, isOpen } from "./views";

export interface Pace {
  /** Milliseconds in each of waiting and sending. */
  step: number;
  /** Milliseconds a change is held, instead of what the settings say. */
  hold: number | null;
}

const LIVE_DELETION_MS = 10_000;
const OFFLINE_TRY_MS = 48_000;

export const nextTry = (): number => OFFLINE_TRY_MS;

export class Outbox {
  private sequence = 0;

  constructor(
    private readonly world: World,
    readonly pace: Pace,
    private readonly changed: (tags: Tag[]) => void,
  ) {}

  ask(card: Card, wish: string, value: boolean | null, reason: string | null): Change {
    const replaced = this.world.changes.filter(
      (x) => x.card_id === card.id && ["held", "waiting"].includes(x.status) && (x.wish === wish || wish === "delete"),
    );
    for (const earlier of replaced) Object.assign(earlier, { status: "withdrawn", why: "superseded" });
    this.sequence += 1;
    const { customer } = card;
    const now = new Date().toISOString();
    const change: Change = {
      id: `change-${this.sequence}`,
      card_id: card.id,
      provider: customer.account.system.provider,
      provider_name: customer.account.system.name,
      account_id: customer.account.id,
      account_label: customer.account.label,
      remote_id: card.remoteId,
      env: customer.account.env,
      wish,
      value,
      status: "waiting",
      why: null,
      problem: null,
      hold: null,
      conflict: null,
      held_up_by: null,
      may_be_done: false,
      can_undo: false,
      can_discard: false,
      can_retry: false,
      plan_id: null,
      brand_name: card.brandName,
      last4: card.last4,
      email: customer.email,
      reason,
      actor: "Mira Hoffmann",
      created_at: now,
      updated_at: now,
      decided_at: now,
      next_attempt_at: null,
      attempts: 0,
      request_id: null,
      holdEnds: null,
      replaced,
    };
    this.world.changes.push(change);
    this.hold(change);
    return change;
  }

  private hold(change: Change): void {
    const set = this.world.settings.hold_seconds * 1000;
    const live = change.env === "live" && change.wish === "delete";
    const whole = this.pace.hold ?? (live ? Math.max(set, LIVE_DELETION_MS) : set);
    if (whole === 0) {
      change.status = "waiting";
      this.schedule(change);
      return;
    }
    change.status = "held";
    change.holdEnds = performance.now() + whole;
    change.hold = { left_ms: whole, whole_ms: whole, sends_at: new Date(Date.now() + whole).toISOString() };
    const ends = change.holdEnds;
    setTimeout(() => change.holdEnds === ends && this.release(change), whole);
  }

  /** Ends the hold. */
  release(change: Change): void {
    if (change.status !== "held") return;
    Object.assign(change, { hold: null, holdEnds: null });
    this.move(change, "waiting");
    this.schedule(change);
  }

  schedule(change: Change): void {
    const account = this.world.accounts.find((x) => x.id === change.account_id);
    change.held_up_by = this.world.offlineSince ? "offline" : account?.paused ? "paused" : null;
    if (change.held_up_by || this.world.olderLedger) return;
    setTimeout(() => this.send(change), this.pace.step);
  }

  private send(change: Change): void {
    if (change.status !== "waiting" || change.may_be_done) return;
    this.move(change, "sending");
    change.attempts += 1;
    setTimeout(() => this.settle(change), this.pace.step);
  }

  private settle(change: Change): void {
    if (change.status !== "sending") return;
    const card = this.world.cards.get(change.card_id);
    if (!card) return;
    const { account } = card.customer;
    change.request_id = `req-${change.id}`;
    if (this.world.refused.has(card.id)) {
      change.why = "refused";
      change.problem = problem("refused_by_provider", `${account.system.name} refused it.`, {
        request_id: change.request_id,
      });
      this.move(change, "stuck");
      return;
    }
    if (change.wish === "active") {
      if (account.system.carriers.active === "asked_and_proven") account.lesson = account.truth;
      if (account.system.carriers.active === "asked_and_proven" && account.truth !== "accepts") {
        change.why = account.truth === "ignores" ? "ignored" : "refused";
        change.problem = problem("not_possible_here", `${account.system.name} does not take this card's state`, {
          request_id: change.request_id,
        });
        this.move(change, "stuck");
        return;
      }
      card.state = change.value ? "active" : "inactive";
      card.activeNotSet = false;
      if (account.system.carriers.reason_is_sent) card.blockReason = change.value ? null : change.reason;
    } else if (change.wish === "default") {
      for (const other of card.customer.cards) other.isDefault = other === card;
    } else if (change.wish === "one_click") {
      card.oneClick = change.value;
    } else {
      const later = account.system.carriers.delete === "asynchronous";
      card.state = later ? "deleting" : "deleted";
      card.purgeOn = later ? new Date(Date.now() + 4 * 86_400_000).toISOString() : null;
    }
    card.version += 1;
    card.readAt = new Date().toISOString();
    this.move(change, "done");
  }

  move(change: Change, status: string): void {
    change.status = status;
    change.updated_at = new Date().toISOString();
    this.changed(["cards", "changes", "status", "accounts"]);
  }

  releaseAll(): void {
    for (const change of this.world.changes) {
      if (change.status === "held") this.release(change);
      else if (change.status === "waiting") this.schedule(change);
    }
  }

  /** The network is back: what waits goes on, what is held stays held. */
  resume(): void {
    for (const change of this.world.changes) if (change.status === "waiting") this.schedule(change);
  }

  /** From here on somebody else's doing stands against it. */
  collide(change: Change, more: Partial<ConflictView> = {}): void {
    const card = this.world.cards.get(change.card_id);
    if (!card) return;
    const deletion = change.wish === "delete";
    const found = new Date().toISOString();
    const seen = new Date(Date.now() - 14 * 60_000).toISOString();
    Object.assign(change, { hold: null, holdEnds: null, why: more.kind ?? (deletion ? "renewed" : "flipped") });
    const theirs = deletion ? card.oneClick : change.value;
    change.conflict = {
      kind: deletion ? "renewed" : "flipped",
      title: deletion
        ? "The card was renewed at wallee since you decided."
        : "Somebody switched it at wallee since you decided.",
      decided: {
        at: change.decided_at,
        state: card.state,
        one_click: card.oneClick,
        words: deletion ? "It expired at the end of the month." : "One-click was on.",
      },
      mine: deletion ? "Delete the card" : `One-click ${change.value ? "on" : "off"}`,
      now: {
        at: found,
        state: "active",
        one_click: theirs,
        words: deletion ? "Renewed, valid until 12/2029." : "One-click was switched off and on again.",
      },
      steps: [
        { at: change.decided_at, kind: "decided", words: "You decided, while offline." },
        { at: seen, kind: "observed", words: deletion ? "wallee renewed the card." : "One-click changed at wallee." },
        { at: found, kind: "found", words: "Read again before sending; nothing was sent." },
      ],
      can_keep_mine: true,
      keep_mine: deletion ? "Delete the card anyway" : `Switch one-click ${change.value ? "on" : "off"} again`,
      take_theirs: deletion ? "Keep the renewed card" : "Leave it as wallee has it",
      ...more,
    };
    this.move(change, "conflict");
  }

  /** Its answer was lost: it may have been done. */
  doubt(change: Change): void {
    Object.assign(change, {
      hold: null,
      holdEnds: null,
      may_be_done: true,
      held_up_by: "in_doubt",
      attempts: 1,
      next_attempt_at: new Date(Date.now() + 60_000).toISOString(),
    });
    this.move(change, "waiting");
  }

  private change(id: string): Change {
    const change = this.world.changes.find((x) => x.id === id);
    if (!change) throw problem("change_unknown", "No such change is on this desk.");
    return change;
  }

  readonly commands = {
    list_changes: ({ env, open_only, statuses, mine_only, after, limit }) => {
      const found = this.world.changes.filter(
        (x) =>
          (env === null || x.env === env) &&
          (!open_only || isOpen(x)) &&
          (statuses.length === 0 || statuses.includes(x.status)) &&
          (!mine_only || x.actor === "Mira Hoffmann"),
      );
      // Newest first, as the desk answers.
      const newest = found.reverse();
      const from = Number(after ?? 0);
      return {
        items: newest.slice(from, from + limit).map(changeView),
        next: from + limit < newest.length ? String(from + limit) : null,
      };
    },
    undo_change: ({ change_id }) => {
      const change = this.change(change_id);
      if (!["held", "waiting"].includes(change.status) || change.attempts > 0) {
        throw problem("change_too_late", "This change was already sent.");
      }
      Object.assign(change, { why: "undo", hold: null, holdEnds: null });
      for (const earlier of change.replaced) {
        Object.assign(earlier, { why: null });
        this.hold(earlier);
      }
      this.move(change, "withdrawn");
      return changeView(change);
    },
    send_change_now: ({ change_id }) => {
      const change = this.change(change_id);
      if (change.status !== "held") throw problem("change_too_late", "This change is not held any more.");
      this.release(change);
      return changeView(change);
    },
    resolve_change: ({ change_id, keep }) => {
      const change = this.change(change_id);
      if (change.status !== "conflict") throw problem("change_not_in_conflict", "This change is not in conflict.");
      if (keep === "mine") {
        if (!change.conflict?.can_keep_mine) throw problem("cannot_keep_mine", "The card is being deleted at wallee.");
        Object.assign(change, { conflict: null, why: null, decided_at: new Date().toISOString() });
        this.move(change, "waiting");
        this.schedule(change);
      } else {
        Object.assign(change, { conflict: null, why: "theirs" });
        this.move(change, "withdrawn");
      }
      return changeView(change);
    },
    retry_change: ({ change_id }) => {
      const change = this.change(change_id);
      if (change.status !== "stuck") throw problem("change_not_stuck", "This change is not stuck.");
      Object.assign(change, { why: null, problem: null });
      this.move(change, "waiting");
      this.schedule(change);
      return changeView(change);
    },
    discard_change: ({ change_id }) => {
      const change = this.change(change_id);
      if (change.may_be_done) throw problem("change_may_be_done", "This change may have been done already.");
      if (!["held", "waiting", "stuck"].includes(change.status)) {
        throw problem("change_too_late", "This change was already sent.");
      }
      Object.assign(change, { why: "discard", hold: null, holdEnds: null });
      this.move(change, "withdrawn");
      return changeView(change);
    },
    push_changes: () => {
      if (this.world.olderLedger) throw problem("ledger_older", "The ledger is older than the one last used here.");
      const waiting = this.world.changes.filter((x) => ["held", "waiting"].includes(x.status)).length;
      this.releaseAll();
      return {
        done: 0,
        stuck: 0,
        conflicts: 0,
        waiting,
        problem: this.world.offlineSince
          ? problem("unreachable", "wallee was not reached.", { retryable: true })
          : null,
      };
    },
  } satisfies {
    [C in OutboxCommands]: (request: Commands[C]["request"]) => Commands[C]["response"];
  };
}

type OutboxCommands =
  | "list_changes"
  | "undo_change"
  | "send_change_now"
  | "resolve_change"
  | "retry_change"
  | "discard_change"
  | "push_changes";

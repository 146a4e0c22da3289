/** Cards in words, for labels and sentences. */
import type { CardView, ChangeView } from "../../contract";
import { type MessageId, useText } from "../../messages/text";

type Named = Pick<CardView, "brand_name" | "last4" | "remote_id">;

/** "Visa 4242", or what else tells it apart. */
export function useCardName() {
  const text = useText();
  return (card: Named) => {
    if (card.brand_name && card.last4) return text("card.name", { brand: card.brand_name, last4: card.last4 });
    if (card.last4) return text("card.nameLast4", { last4: card.last4 });
    return text("card.nameId", { id: card.remote_id });
  };
}

const KNOWLEDGE: Record<string, MessageId> = {
  none_given: "card.noneGiven",
  no_active_version: "card.noActiveVersion",
  not_read: "card.notRead",
};

export const knowledgeWord = (knowledge: string): MessageId => KNOWLEDGE[knowledge] ?? "card.noneGiven";

const BLOCKED: Record<string, MessageId> = {
  deleting: "blocked.deleting",
  deleted: "blocked.deleted",
  gone: "blocked.gone",
  creating: "blocked.creating",
  unknown_state: "blocked.unknownState",
  deletion_waiting: "blocked.deletionWaiting",
  ignored_here: "blocked.ignoredHere",
  refused_here: "blocked.refusedHere",
};

export function useBlockedWords() {
  const text = useText();
  return (reason: string | null, provider: string): string | null =>
    reason === null ? null : text(BLOCKED[reason] ?? "blocked.other", { provider, reason });
}

/** On its way or about to be: shown over what the payment system said. What is stuck or in conflict is not. */
export const isUnderWay = (change: Pick<ChangeView, "status">) =>
  ["held", "waiting", "sending"].includes(change.status);

/** Wish and value in one word, for messages that choose a whole sentence by it. */
export const wishKey = (change: Pick<ChangeView, "wish" | "value">) =>
  change.wish === "delete" ? "delete" : `${change.wish}_${change.value ? "on" : "off"}`;

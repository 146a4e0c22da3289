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
  read_only: "blocked.readOnly",
  not_offered: "blocked.notOffered",
  desk_only: "blocked.deskOnly",
  already_default: "blocked.alreadyDefault",
};

/** What a control is for, where the same reason has other words. */
type Control = "delete" | "default";

/** Why a control cannot be pressed, in a sentence. */
export function useBlockedWords() {
  const text = useText();
  return (reason: string | null, card: CardView, control?: Control): string | null => {
    if (reason === null) return null;
    const provider = card.account.provider_name;
    if (reason === "not_offered" && control === "delete")
      return text(card.carriers.delete === "block_instead" ? "blocked.blockInstead" : "blocked.noDeletion", {
        provider,
      });
    if (reason === "desk_only" && control === "delete") return text("blocked.deleteDeskOnly", { provider });
    if (reason === "not_offered" && control === "default")
      return text(card.carriers.default_card === "read_only" ? "blocked.defaultReadOnly" : "blocked.noDefault", {
        provider,
      });
    return text(BLOCKED[reason] ?? "blocked.other", { provider, account: card.account.label, reason });
  };
}

/** On its way or about to be: shown over what the payment system said. What is stuck or in conflict is not. */
export const isUnderWay = (change: Pick<ChangeView, "status">) =>
  ["held", "waiting", "sending"].includes(change.status);

/** Wish and value in one word, for messages that choose a whole sentence by it. */
export const wishKey = (change: Pick<ChangeView, "wish" | "value">) =>
  change.wish === "delete" ? "delete" : `${change.wish}_${change.value ? "on" : "off"}`;

/** What a deletion is called, by what it does at the payment system. */
import type { CardView } from "../../contract";
import type { MessageId } from "../../messages/text";

interface DeletionWords {
  /** The button that asks. */
  open: MessageId;
  title: MessageId;
  keep: MessageId;
  action: MessageId;
}

const CARD: DeletionWords = {
  open: "panel.delete",
  title: "delete.title",
  keep: "delete.keep",
  action: "delete.confirm",
};

const WORDS: Record<string, DeletionWords> = {
  customer_record: {
    open: "panel.deleteRecord",
    title: "delete.titleRecord",
    keep: "delete.keep",
    action: "delete.confirmRecord",
  },
  mandate: {
    open: "panel.revoke",
    title: "delete.titleMandate",
    keep: "delete.keepMandate",
    action: "delete.confirmMandate",
  },
};

export const deletionWords = (card: Pick<CardView, "carriers">): DeletionWords => WORDS[card.carriers.delete] ?? CARD;

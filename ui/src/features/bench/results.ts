/** How a step went, at a glance; the words beside it say the same. */
import type { IconName } from "../../components/icon";
import type { MessageId } from "../../messages/text";

interface ResultLook {
  icon: IconName;
  colour: string;
  pill: string;
  word: MessageId;
}

const LOOKS: Record<string, ResultLook> = {
  as_documented: { icon: "check", colour: "c-ok", pill: "p-ok", word: "bench.asDocumented" },
  otherwise: { icon: "alert", colour: "c-warn", pill: "p-warn", word: "bench.otherwise" },
  failed: { icon: "alert", colour: "c-danger", pill: "p-danger", word: "bench.failed" },
};

const FAILED: ResultLook = { icon: "alert", colour: "c-danger", pill: "p-danger", word: "bench.failed" };

export const resultLook = (result: string): ResultLook => LOOKS[result] ?? FAILED;

/** What a payment system can and cannot do, line by line, in the desk's words. */
import type { ReactNode } from "react";
import type { CapabilityLine } from "../../contract";
import { type MessageId, Say } from "../../messages/text";

const WHAT: Record<string, MessageId> = {
  one_click: "can.oneClick",
  active: "can.active",
  delete: "can.delete",
  default_card: "can.defaultCard",
  verification: "can.verification",
  customers_and_cards: "can.customersAndCards",
  news: "can.news",
  guard: "can.guard",
};

/** Green: at the provider. Amber: something else has to honour it, or it does not work. Grey: not from here. */
const LOOKS: Record<string, string> = {
  native: "p-ok",
  asynchronous: "p-ok",
  mandate: "p-ok",
  events: "p-ok",
  asked_and_proven: "p-info",
  not_possible: "p-warn",
  metadata: "p-warn",
  customer_record: "p-warn",
};

function look({ carrier, lesson }: CapabilityLine): string {
  if (lesson === "ignores" || lesson === "refuses") return "p-warn";
  return lesson === "accepts" ? "p-ok" : (LOOKS[carrier] ?? "p-plain");
}

export interface CapabilityLinesProps {
  lines: CapabilityLine[];
  /** Below the words of a line. */
  more?: (line: CapabilityLine) => ReactNode;
}

export function CapabilityLines({ lines, more }: CapabilityLinesProps) {
  return (
    <table className="table cap">
      <tbody>
        {lines.map((line) => (
          <tr key={line.what} data-capability={line.what} data-lesson={line.lesson ?? undefined}>
            <th scope="row">
              <Say id={WHAT[line.what] ?? "can.other"} what={line.what} />
            </th>
            <td>
              <span className={`state pill ${look(line)}`}>{line.tag}</span>
            </td>
            <td className="c-2">
              {line.says}
              {more?.(line)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

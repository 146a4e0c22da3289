/** What each switch really does at this account, before anybody presses one. */
import { Button } from "../../components/button";
import { ProblemNote } from "../../components/problem";
import type { AccountView } from "../../contract";
import { type MessageId, Say } from "../../messages/text";
import { useAct } from "../../platform/queries";

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

const MEANS: Record<string, MessageId> = {
  one_click: "means.oneClick",
  active: "means.active",
  delete: "means.delete",
  default_card: "means.defaultCard",
  verification: "means.verification",
  customers_and_cards: "means.customersAndCards",
  news: "means.news",
  guard: "means.guard",
};

const LOOKS: Record<string, string> = {
  native: "p-ok",
  asked_and_proven: "p-info",
  not_possible: "p-warn",
};

export function CapabilityTable({ account }: { account: AccountView }) {
  const forget = useAct("forget_lesson", ["accounts", "cards"]);
  const provider = account.provider_name;
  return (
    <section aria-labelledby="can-title">
      <h2 id="can-title" className="h3 sect">
        <Say id="can.title" />
        <span className="c-3 f12 font-normal">
          <Say id={account.built_in_demo ? "can.fromDemo" : "can.from"} provider={provider} />
        </span>
      </h2>
      <table className="table cap">
        <tbody>
          {account.capabilities.map((line) => {
            const taught = line.lesson === "ignores" || line.lesson === "refuses";
            return (
              <tr key={line.what} data-capability={line.what} data-lesson={line.lesson ?? undefined}>
                <th scope="row">
                  <Say id={WHAT[line.what] ?? "can.other"} what={line.what} />
                </th>
                <td>
                  <span
                    className={`state pill ${taught ? "p-warn" : line.lesson === "accepts" ? "p-ok" : (LOOKS[line.carrier] ?? "p-plain")}`}
                  >
                    <Say id="can.carrier" carrier={line.carrier} lesson={line.lesson ?? "none"} provider={provider} />
                  </span>
                </td>
                <td className="c-2">
                  <Say
                    id={MEANS[line.what] ?? "means.other"}
                    provider={provider}
                    carrier={line.carrier}
                    lesson={line.lesson ?? "none"}
                  />
                  {taught && (
                    <div className="note-acts">
                      <Button
                        size="s"
                        isDisabled={forget.isPending}
                        onPress={() => forget.mutate({ account_id: account.id })}
                        data-testid="forget-lesson"
                      >
                        <Say id="can.tryAgain" />
                      </Button>
                    </div>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {forget.error && <ProblemNote problem={forget.error} />}
    </section>
  );
}

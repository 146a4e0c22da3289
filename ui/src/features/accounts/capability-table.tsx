/** What each switch really does at this account, before anybody presses one. */
import { Button } from "../../components/button";
import { ProblemNote } from "../../components/problem";
import type { AccountView } from "../../contract";
import { Say } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { CapabilityLines } from "./capability-lines";

export function CapabilityTable({ account }: { account: AccountView }) {
  const forget = useAct("forget_lesson", ["accounts", "cards"]);
  return (
    <section aria-labelledby="can-title">
      <h2 id="can-title" className="h3 sect">
        <Say id="can.title" />
        <span className="c-3 f12 font-normal">
          <Say id={account.built_in_demo ? "can.fromDemo" : "can.from"} provider={account.provider_name} />
        </span>
      </h2>
      <CapabilityLines
        lines={account.capabilities}
        more={({ lesson }) =>
          (lesson === "ignores" || lesson === "refuses") && (
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
          )
        }
      />
      {forget.error && <ProblemNote problem={forget.error} />}
    </section>
  );
}

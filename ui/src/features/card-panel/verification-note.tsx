/** One verification: how it ended, what that means, where to look, and a refund where one is due. */
import { useState } from "react";
import { Button } from "../../components/button";
import { CopyButton } from "../../components/copy";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { useTimes } from "../../components/time";
import type { VerificationView } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { useAct } from "../../platform/queries";

const WORDS: Record<string, MessageId> = {
  voided: "verified.voided",
  declined: "verified.declined",
  not_reserved: "verified.notReserved",
  needs_buyer: "verified.needsBuyer",
  void_unconfirmed: "verified.voidUnconfirmed",
  hold_may_exist: "verified.holdMayExist",
  charged: "verified.charged",
  refunded: "verified.refunded",
  running: "verified.running",
};

/** Money may be held or taken: a person has to look. */
const OPEN = ["void_unconfirmed", "hold_may_exist", "charged", "running"];

export function VerificationNote({ done, newest }: { done: VerificationView; newest?: boolean }) {
  const text = useText();
  const times = useTimes();
  const refund = useAct("refund_verification", ["cards", "log"]);
  const [asked, setAsked] = useState(false);
  const open = OPEN.includes(done.outcome);
  const word = WORDS[done.outcome];
  return (
    <div
      className={`note ${open ? "warn" : ""}`}
      role={newest ? "status" : undefined}
      data-testid="verification"
      data-outcome={done.outcome}
    >
      <Icon
        name={open ? "alert" : done.outcome === "voided" ? "check" : "info"}
        className={done.outcome === "voided" ? "c-ok" : ""}
      />
      <div className="grow">
        <p>
          <span className="semi">{word ? <Say id={word} /> : done.outcome}</span>
          <span className="c-2 dot-sep num">{done.amount}</span>
          <span className="c-3 f12 dot-sep" title={times.exact(done.started_at)}>
            <Say id="pending.by" who={done.by} at={times.at(done.started_at)} />
          </span>
        </p>
        <p className="c-2">{done.says}</p>
        <p className="f12 c-3 refs">
          <span className="line-row">
            <Say id="verified.reference" reference={done.reference} />
            <CopyButton value={done.reference} label={text("verified.copyReference")} />
          </span>
          {done.transaction_id && (
            <span className="line-row">
              <Say id="verified.transaction" transaction={done.transaction_id} />
              <CopyButton value={done.transaction_id} label={text("verified.copyTransaction")} />
            </span>
          )}
        </p>
        {done.refundable && (
          <div className="note-acts">
            {asked ? (
              <>
                <span className="f12">
                  <Say id="verified.refundSure" amount={done.amount} />
                </span>
                <Button size="s" onPress={() => setAsked(false)}>
                  <Say id="verified.refundKeep" />
                </Button>
                <Button
                  size="s"
                  kind="danger"
                  isDisabled={refund.isPending}
                  onPress={() => refund.mutate({ verification_id: done.id })}
                  data-testid="confirm-refund"
                >
                  {refund.isPending ? <Say id="action.working" /> : <Say id="verified.refund" />}
                </Button>
              </>
            ) : (
              <Button size="s" icon="undo" onPress={() => setAsked(true)} data-testid="refund">
                <Say id="verified.refundOpen" />
              </Button>
            )}
          </div>
        )}
        {refund.error && <ProblemNote problem={refund.error} level="warn" />}
      </div>
    </div>
  );
}

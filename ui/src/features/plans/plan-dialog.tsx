/** A plan before anything happens: read it, then run it or keep everything as it is. */
import { useState } from "react";
import { useAnnounce } from "../../components/announce";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { ProblemNote } from "../../components/problem";
import type { PlanView } from "../../contract";
import { Say, useText } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
import { useView } from "../shell/view";
import { answered, ConfirmationFields, needsText } from "./plan-confirmation";
import { PlanDocument } from "./plan-document";
import { PlanRowsList } from "./plan-rows";
import { doing } from "./plan-words";

/** A live deletion is held for at least so long. */
const LIVE_DELETION_HOLD_S = 10;

export interface PlanDialogProps {
  plan: PlanView;
  onRun: (plan: PlanView) => void;
  /** Nothing was changed. */
  onKept: () => void;
}

export function PlanDialog({ plan, onRun, onKept }: PlanDialogProps) {
  const view = useView();
  const text = useText();
  const announce = useAnnounce();
  const run = useAct("run_plan", ["plans", "changes", "cards", "status"]);
  const drop = useAct("drop_plan", ["plans"]);
  const [answer, setAnswer] = useState({ typed: "", reason: "" });
  const [listed, setListed] = useState(false);
  const n = doing(plan);
  const ready = n > 0 && answered(plan.confirmation, answer) && !run.isPending;
  const settings = useRead("desk_settings", {});
  const set = settings.data?.hold_seconds ?? 0;
  const hold = plan.env === "live" && plan.action === "delete" ? Math.max(set, LIVE_DELETION_HOLD_S) : set;
  const offline = view.here.network.kind === "offline";

  const keep = () => {
    // What cannot be dropped any more was dropped or started elsewhere: the list of plans shows it.
    drop.mutate({ plan_id: plan.id });
    onKept();
  };
  const start = () => {
    if (!ready) return;
    run.mutate(
      {
        plan_id: plan.id,
        // It matches, marks between thousands aside.
        confirmation: plan.confirmation.expected,
        reason: answer.reason.trim() || null,
      },
      {
        onSuccess: (running) => {
          announce(text("plan.started", { n }));
          onRun(running);
        },
      },
    );
  };

  return (
    <Dialog
      alert
      width={640}
      title={n > 0 ? <Say id="plan.title" action={plan.action} n={n} /> : <Say id="plan.nothing" />}
      onClose={keep}
      testId="plan-dialog"
      footer={
        <>
          <span className="hint cut">
            {n > 0 && <Say id="delete.loggedAs" who={view.status.who} desk={view.status.desk} />}
          </span>
          <span className="grow" />
          <Button
            size="l"
            autoFocus={n === 0 || !needsText(plan.confirmation)}
            isDisabled={run.isPending}
            onPress={keep}
            data-testid="plan-keep"
          >
            {n > 0 ? <Say id="plan.keep" /> : <Say id="action.close" />}
          </Button>
          {n > 0 && (
            <Button
              size="l"
              kind={plan.action === "delete" ? "danger" : "primary"}
              icon={plan.action === "delete" ? "trash" : undefined}
              isDisabled={!ready}
              onPress={start}
              data-testid="plan-run"
            >
              <Say id="plan.deed" action={plan.action} n={n} />
            </Button>
          )}
        </>
      }
    >
      <p className="c-2" data-testid="plan-made-from">
        {plan.query === null ? (
          <Say id="plan.fromSelection" total={plan.total} />
        ) : plan.query === "" ? (
          <Say id="plan.fromAll" total={plan.total} env={plan.env} />
        ) : (
          <Say id="plan.fromQuery" total={plan.total} query={<span className="kq">{plan.query}</span>} />
        )}
      </p>
      <PlanDocument plan={plan} />
      {n > 0 && (
        <dl className="what">
          <dt>
            <Say id="plan.whenHere" />
          </dt>
          <dd>
            <Say id="plan.atOnce" n={n} hold={hold} />
          </dd>
          <dt>
            <Say id="plan.whenThen" />
          </dt>
          <dd>
            <Say id={offline ? "plan.then.offline" : "plan.then"} />
          </dd>
        </dl>
      )}
      {plan.total > 0 && (
        <div>
          <Button kind="link" aria-expanded={listed} onPress={() => setListed(!listed)} data-testid="plan-show-rows">
            <Say id={listed ? "plan.hideRows" : "plan.showRows"} n={plan.total} />
          </Button>
          {listed && (
            <div className="plan-rows-in">
              <PlanRowsList plan={plan} statuses={[]} brief />
            </div>
          )}
        </div>
      )}
      {n > 0 && <ConfirmationFields plan={plan} answer={answer} onChange={setAnswer} onEnter={start} />}
      {run.error && <ProblemNote problem={run.error} />}
    </Dialog>
  );
}

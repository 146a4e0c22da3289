/** A plan that was run: how far it is, stop and go on, and what became of every card. */
import { useEffect, useRef, useState } from "react";
import { Disclosure, DisclosurePanel, Heading, ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { useAnnounce } from "../../components/announce";
import { Button, IconButton } from "../../components/button";
import { ProblemNote } from "../../components/problem";
import { PanelSkeleton, useWaitedLong } from "../../components/skeleton";
import { useTimes } from "../../components/time";
import type { PlanView } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
import { ALL_PLANS, useView } from "../shell/view";
import { GoOnDialog } from "./go-on-dialog";
import { needsText } from "./plan-confirmation";
import { PlanDialog } from "./plan-dialog";
import { PlanDocument } from "./plan-document";
import { PlanNumbers, PlanProgress } from "./plan-progress";
import { PlanRowsList } from "./plan-rows";
import { PlanStatus } from "./plan-status";
import { doing, needYou, type RowStatus } from "./plan-words";

type Outcome = "all" | "need" | "queued" | "planned" | "done" | "skipped" | "withdrawn";

const OUTCOMES: { id: Outcome; word: MessageId; statuses: RowStatus[] }[] = [
  { id: "all", word: "plan.show.all", statuses: [] },
  { id: "need", word: "plan.show.need", statuses: ["stuck", "conflict"] },
  { id: "done", word: "plan.show.done", statuses: ["done"] },
  { id: "queued", word: "plan.show.queued", statuses: ["queued"] },
  { id: "planned", word: "plan.show.left", statuses: ["planned"] },
  { id: "skipped", word: "plan.show.skipped", statuses: ["skipped"] },
  { id: "withdrawn", word: "plan.show.withdrawn", statuses: ["withdrawn"] },
];

export function PlanPage({ id }: { id: string }) {
  const view = useView();
  const plan = useRead("show_plan", { plan_id: id });
  const long = useWaitedLong(plan.isPending);
  if (plan.data?.status === "draft") {
    return <PlanDialog plan={plan.data} onRun={() => void plan.refetch()} onKept={() => view.showPlan(ALL_PLANS)} />;
  }
  return (
    <div className="plan-page">
      {plan.data ? (
        <Loaded plan={plan.data} />
      ) : (
        <>
          <Back />
          {plan.error && (
            <div className="er">
              <ProblemNote problem={plan.error} />
            </div>
          )}
          {long && <PanelSkeleton />}
        </>
      )}
    </div>
  );
}

function Back() {
  const view = useView();
  const text = useText();
  return <IconButton icon="back" large label={text("plan.back")} onPress={() => view.showPlan(ALL_PLANS)} />;
}

function Loaded({ plan }: { plan: PlanView }) {
  const view = useView();
  const text = useText();
  const times = useTimes();
  const announce = useAnnounce();
  const stop = useAct("stop_plan", ["plans", "changes", "status"]);
  const run = useAct("run_plan", ["plans", "changes", "cards", "status"]);
  const problem = stop.error ?? run.error;
  const [asking, setAsking] = useState(false);
  const [shown, setShown] = useState<Outcome | null>(null);
  const { counts } = plan;
  const need = needYou(counts);
  const numbers: Record<Outcome, number> = { all: plan.total, need, ...counts };
  // What needs a person comes first once the plan has come to rest, unless somebody chose otherwise.
  const resting = plan.status !== "running";
  const outcome = shown && (numbers[shown] > 0 || shown === "all") ? shown : resting && need > 0 ? "need" : "all";
  const statuses = OUTCOMES.find((x) => x.id === outcome)?.statuses ?? [];
  useEndSaid(plan, announce, text);
  return (
    <>
      <header className="plan-head">
        <Back />
        <div className="grow">
          <h2 className="cut" data-testid="plan-name">
            <Say id="plan.deed" action={plan.action} n={doing(plan)} />
          </h2>
          <div className="plan-sub f12 c-2">
            <PlanStatus plan={plan} />
            <span title={times.exact(plan.made_at)}>
              <Say id="plan.madeBy" who={plan.actor} at={times.at(plan.made_at)} />
            </span>
            {plan.reason && (
              <span className="cut" title={plan.reason}>
                <Say id="change.reason" reason={plan.reason} />
              </span>
            )}
          </div>
        </div>
        {plan.status === "running" && counts.planned + counts.queued > 0 && (
          <Button
            icon="pause"
            isDisabled={stop.isPending}
            onPress={() => stop.mutate({ plan_id: plan.id })}
            data-testid="plan-stop"
          >
            <Say id="plan.stop" />
          </Button>
        )}
        {plan.status === "stopped" && counts.planned > 0 && (
          <Button
            kind="primary"
            isDisabled={run.isPending}
            onPress={() =>
              // What had to be typed for the whole plan has to be typed for what is left of it.
              needsText(plan.confirmation)
                ? setAsking(true)
                : run.mutate({ plan_id: plan.id, confirmation: null, reason: plan.reason })
            }
            data-testid="plan-resume"
          >
            <Say id="plan.resume" n={counts.planned} />
          </Button>
        )}
        {need > 0 && (
          <Button onPress={() => view.go("changes")} data-testid="plan-to-changes">
            <Say id="plan.toChanges" />
          </Button>
        )}
      </header>
      <div className="plan-far">
        <PlanProgress plan={plan} />
        <PlanNumbers plan={plan} />
        {plan.status === "stopped" && counts.planned > 0 && (
          <p className="hint">
            <Say id="plan.stoppedText" queued={counts.queued} left={counts.planned} />
          </p>
        )}
        {plan.status === "running" && view.here.network.kind === "offline" && (
          <p className="hint c-warn">
            <Say id="plan.offlineText" />
          </p>
        )}
        {problem && <ProblemNote problem={problem} />}
        <Disclosure className="plan-was">
          <Heading level={3}>
            <Button kind="link" slot="trigger" className="f12">
              <Say id="plan.asPlanned" />
            </Button>
          </Heading>
          <DisclosurePanel>
            <div className="plan-doc">
              <PlanDocument plan={plan} />
            </div>
          </DisclosurePanel>
        </Disclosure>
      </div>
      <div className="plan-filter">
        <ToggleButtonGroup
          className="chips-in"
          aria-label={text("plan.showLabel")}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[outcome]}
          onSelectionChange={(keys) => setShown([...keys][0] as Outcome)}
        >
          {OUTCOMES.filter((x) => x.id === "all" || numbers[x.id] > 0).map(({ id, word }) => (
            <ToggleButton key={id} id={id} className="chip" data-testid={`plan-show-${id}`}>
              <Say id={word} n={numbers[id]} />
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      </div>
      {asking && plan.status === "stopped" && <GoOnDialog plan={plan} onClose={() => setAsking(false)} />}
      <PlanRowsList key={outcome} plan={plan} statuses={statuses} />
    </>
  );
}

/** Says once that everything has come to an end, for those who do not watch the line. */
function useEndSaid(plan: PlanView, announce: (words: string) => void, text: ReturnType<typeof useText>) {
  const { counts } = plan;
  const over = plan.status === "finished";
  const before = useRef(over);
  useEffect(() => {
    if (over && !before.current) announce(text("plan.ended", { done: counts.done, need: needYou(counts) }));
    before.current = over;
  }, [over, counts, announce, text]);
}

/** One run of a flow: its steps in order, each with what it did. */
import { useAnnounce } from "../../components/announce";
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { PanelSkeleton, useWaitedLong } from "../../components/skeleton";
import { useTimes } from "../../components/time";
import type { AccountView, FlowRunView } from "../../contract";
import { Say, useText } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
import { FlowStepBlock } from "./flow-step";

export interface FlowRunProps {
  account: AccountView;
  id: string;
  onBack: () => void;
  /** Another run of the same flow was begun. */
  onBegin: (run: string) => void;
}

export function FlowRun({ account, id, onBack, onBegin }: FlowRunProps) {
  const run = useRead("show_flow_run", { run_id: id });
  const long = useWaitedLong(run.isPending);
  return (
    <div className="bench">
      <div>
        <Button kind="ghost" size="s" icon="back" onPress={onBack} data-testid="bench-back">
          <Say id="bench.back" />
        </Button>
      </div>
      {run.error && (
        <ProblemNote problem={run.error}>
          <Button onPress={() => void run.refetch()}>
            <Say id="action.tryAgain" />
          </Button>
        </ProblemNote>
      )}
      {long && <PanelSkeleton />}
      {run.data && <Walk account={account} run={run.data} onBegin={onBegin} />}
    </div>
  );
}

function Walk({ account, run, onBegin }: { account: AccountView; run: FlowRunView; onBegin: (run: string) => void }) {
  const text = useText();
  const times = useTimes();
  const announce = useAnnounce();
  const step = useAct("run_flow_step", ["accounts"]);
  const start = useAct("start_flow", ["accounts"]);
  const { flow } = run;
  const running = step.isPending ? (step.variables?.step ?? null) : null;
  return (
    <>
      <header className="run-head">
        <div className="grow">
          <h2>{flow.title}</h2>
          <p className="c-2">{flow.about}</p>
          <p className="f12 c-3" title={times.exact(run.started_at)}>
            <Say id="bench.started" at={times.at(run.started_at)} ago={times.ago(run.started_at)} />
          </p>
        </div>
        <Button
          icon="refresh"
          isDisabled={start.isPending}
          onPress={() =>
            start.mutate({ account_id: account.id, flow: flow.id }, { onSuccess: (next) => onBegin(next.id) })
          }
          data-testid="begin-again"
        >
          <Say id="bench.again" />
        </Button>
      </header>
      {start.error && <ProblemNote problem={start.error} onClose={start.reset} />}
      <ol className="walk" aria-label={text("bench.steps")}>
        {flow.steps.map((each, at) => (
          <FlowStepBlock
            // A new run begins with fresh choices.
            key={`${run.id} ${each.id}`}
            number={at + 1}
            step={each}
            done={run.done.filter((x) => x.step === each.id)}
            next={run.next_step === each.id}
            reachable={at <= reach(run)}
            running={running === each.id}
            busy={step.isPending}
            problem={step.variables?.step === each.id ? step.error : null}
            onRun={(choices) =>
              step.mutate(
                { run_id: run.id, step: each.id, choices },
                {
                  onSuccess: (now) => {
                    const last = now.done.at(-1);
                    if (last) announce(text("bench.said", { step: each.title, outcome: last.outcome }));
                  },
                },
              )
            }
          />
        ))}
      </ol>
      {run.next_step === null && run.done.length > 0 && (
        <p className="line-row c-2" role="status">
          <Icon name="check" size="s" className="c-ok" />
          <Say id="bench.over" />
        </p>
      )}
    </>
  );
}

/** The last step that may be run: what comes next, and what stands behind it as far as that can be left out. */
function reach(run: FlowRunView): number {
  const { steps } = run.flow;
  let at = run.next_step === null ? steps.length - 1 : steps.findIndex((x) => x.id === run.next_step);
  while (steps[at]?.optional && at < steps.length - 1) at += 1;
  return at;
}

/**
 * The test bench of an account: the flows of its payment system's documents as guided steps, what was run before, and the
 * tokens that work once. Offered for test and demo accounts only.
 */
import { useState } from "react";
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { ListSkeleton, useWaitedLong } from "../../components/skeleton";
import { useTimes } from "../../components/time";
import type { AccountView, FlowRunView, FlowView } from "../../contract";
import { Say, useText } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
import { FlowRun } from "./flow-run";
import { resultLook } from "./results";
import { SingleUseList } from "./single-use-list";

export function BenchPage({ account }: { account: AccountView }) {
  const [run, setRun] = useState<string | null>(null);
  if (run !== null) return <FlowRun account={account} id={run} onBack={() => setRun(null)} onBegin={setRun} />;
  return <Bench account={account} onOpen={setRun} />;
}

function Bench({ account, onOpen }: { account: AccountView; onOpen: (run: string) => void }) {
  const flows = useRead("list_flows", { account_id: account.id });
  const start = useAct("start_flow", ["accounts"]);
  const long = useWaitedLong(flows.isPending);
  const begin = (flow: FlowView) =>
    start.mutate({ account_id: account.id, flow: flow.id }, { onSuccess: (run) => onOpen(run.id) });
  return (
    <div className="bench">
      <p className="c-2">
        <Say id="bench.text" provider={account.provider_name} />
      </p>
      {flows.error && (
        <ProblemNote problem={flows.error}>
          <Button onPress={() => void flows.refetch()}>
            <Say id="action.tryAgain" />
          </Button>
        </ProblemNote>
      )}
      {start.error && <ProblemNote problem={start.error} onClose={start.reset} />}
      {long && <ListSkeleton rows={2} />}
      {flows.data?.items.length === 0 && (
        <p className="c-2">
          <Say id="bench.noFlows" provider={account.provider_name} />
        </p>
      )}
      {flows.data && flows.data.items.length > 0 && (
        <section aria-labelledby="flows-title">
          <h2 id="flows-title" className="h3 sect">
            <Say id="bench.flows" />
          </h2>
          <ul className="flows">
            {flows.data.items.map((flow) => (
              <li key={flow.id} className="panel flow">
                <div className="grow">
                  <h3>{flow.title}</h3>
                  <p className="c-2">{flow.about}</p>
                  <p className="f12 c-3 flow-steps">
                    {flow.steps.map((step, at) => (
                      <span key={step.id}>
                        <Say id="bench.stepName" n={at + 1} title={step.title} />
                      </span>
                    ))}
                  </p>
                </div>
                <Button
                  icon="play"
                  isDisabled={start.isPending}
                  onPress={() => begin(flow)}
                  data-testid={`begin-${flow.id}`}
                >
                  <Say id="bench.begin" />
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <SingleUseList account={account} />
      <Runs account={account} onOpen={onOpen} />
    </div>
  );
}

function Runs({ account, onOpen }: { account: AccountView; onOpen: (run: string) => void }) {
  const runs = useRead("flow_runs", { account_id: account.id });
  const items = runs.data?.items ?? [];
  if (runs.error) return <ProblemNote problem={runs.error} level="warn" />;
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="runs-title">
      <h2 id="runs-title" className="h3 sect">
        <Say id="bench.runs" />
      </h2>
      <ul className="runs">
        {items.map((run) => (
          <Run key={run.id} run={run} onOpen={() => onOpen(run.id)} />
        ))}
      </ul>
    </section>
  );
}

function Run({ run, onOpen }: { run: FlowRunView; onOpen: () => void }) {
  const text = useText();
  const times = useTimes();
  const last = run.done.at(-1);
  const look = last ? resultLook(last.result) : null;
  const walked = new Set(run.done.map((x) => x.step)).size;
  return (
    <li className="run-row">
      <span className={look ? look.colour : "c-3"}>
        <Icon name={look ? look.icon : "clock"} size="s" />
      </span>
      <span className="grow cut">
        <span className="med">{run.flow.title}</span>
        {last && <span className="c-2 dot-sep">{last.outcome}</span>}
      </span>
      <span className="c-3 f12">
        <Say id="bench.walked" n={walked} of={run.flow.steps.length} />
      </span>
      <time className="c-3 f12" dateTime={run.started_at} title={times.exact(run.started_at)}>
        {times.at(run.started_at)}
      </time>
      <Button
        size="s"
        onPress={onOpen}
        aria-label={text("bench.openRun", { flow: run.flow.title, at: times.at(run.started_at) })}
        data-testid="open-run"
      >
        <Say id={run.next_step === null ? "bench.look" : "bench.goOn"} />
      </Button>
    </li>
  );
}

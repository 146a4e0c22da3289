/** What a step did: the system's own word for it, what that means, what to do next, and every request with its answer. */
import { useEffect, useRef } from "react";
import { Button } from "../../components/button";
import { CopyButton } from "../../components/copy";
import { ProblemNote } from "../../components/problem";
import { useTimes } from "../../components/time";
import type { FlowStepDone } from "../../contract";
import { Say, useText } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { ExchangeFold } from "./exchange";
import { resultLook } from "./results";

const JUST_NOW_MS = 5_000;

export function StepOutcome({ done, newest }: { done: FlowStepDone; newest?: boolean }) {
  const text = useText();
  const times = useTimes();
  const open = useAct("open_page");
  const look = resultLook(done.result);
  const box = useRef<HTMLDivElement>(null);
  // What a press led to is seen whole; a run that is looked at later does not jump.
  useEffect(() => {
    if (newest && Date.now() - Date.parse(done.at) < JUST_NOW_MS) box.current?.scrollIntoView({ block: "nearest" });
  }, [newest, done.at]);
  return (
    <div ref={box} className="outcome" data-testid="outcome">
      <div className="outcome-head">
        <span className={`state pill ${look.pill}`}>
          <Say id={look.word} />
        </span>
        <span className="semi id">{done.outcome}</span>
        <span className="grow" />
        <time className="c-3 f12" dateTime={done.at} title={times.exact(done.at)}>
          {times.clock(done.at)}
        </time>
      </div>
      {done.chosen.length > 0 && (
        <p className="f12 c-2 chosen">
          {done.chosen.map((x) => (
            <span key={x.label}>
              <Say id="bench.chosen" label={x.label} value={x.value} />
            </span>
          ))}
        </p>
      )}
      <p>{done.meaning}</p>
      {done.next !== "" && (
        <p className="c-2">
          <Say id="bench.next" what={done.next} />
        </p>
      )}
      {done.facts.length > 0 && (
        <dl className="dl facts">
          {done.facts.map((fact) => (
            <div key={fact.label}>
              <dt>{fact.label}</dt>
              <dd>
                <span className="id cut" title={fact.value}>
                  {fact.value}
                </span>
                <CopyButton value={fact.value} label={text("copy.property", { name: fact.label })} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {done.link !== null && (
        <div className="line-row link-line">
          <Button
            size="s"
            icon="portal"
            isDisabled={open.isPending}
            onPress={() => done.link !== null && open.mutate({ url: done.link })}
            data-testid="open-link"
          >
            <Say id="newDetails.open" />
          </Button>
          <span className="id f12 c-2 cut pick" title={done.link}>
            {done.link}
          </span>
          <CopyButton value={done.link} label={text("newDetails.copy")} />
        </div>
      )}
      {open.error && <ProblemNote problem={open.error} level="warn" />}
      {done.exchanges.length > 0 && (
        <div className="exchanges">
          {done.exchanges.map((exchange, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: requests stand in the order made and never change
            <ExchangeFold key={at} exchange={exchange} />
          ))}
        </div>
      )}
    </div>
  );
}

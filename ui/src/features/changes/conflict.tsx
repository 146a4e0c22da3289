/** A conflict's three sides, what happened in time order, and the two ways out. */
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { StateWord } from "../../components/state";
import { useTimes } from "../../components/time";
import type { ChangeView, ConflictView, SideView } from "../../contract";
import { type MessageId, Say } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { wishKey } from "../person/card-words";

const STEPS: Record<string, MessageId> = {
  decided: "conflict.decidedStep",
  observed: "conflict.observedStep",
  found: "conflict.foundStep",
};

export function Conflict({ change, conflict }: { change: ChangeView; conflict: ConflictView }) {
  const times = useTimes();
  const resolve = useAct("resolve_change", ["cards", "changes", "status"]);
  const answer = (keep: "mine" | "theirs") => {
    if (!resolve.isPending) resolve.mutate({ change_id: change.id, keep });
  };
  const { now } = conflict;
  return (
    <div className="conflict-in" data-testid="conflict">
      <p className="med">{conflict.title}</p>
      <div className="three">
        <div className="stand">
          <div className="stand-head">
            <h3>
              <Say id="conflict.decided" />
            </h3>
            <time dateTime={conflict.decided.at} title={times.exact(conflict.decided.at)}>
              {times.at(conflict.decided.at)}
            </time>
          </div>
          <Side side={conflict.decided} />
        </div>
        <div className="stand mine">
          <div className="stand-head">
            <h3>
              <Say id="conflict.mine" />
            </h3>
            <time dateTime={change.decided_at} title={times.exact(change.decided_at)}>
              {times.at(change.decided_at)}
            </time>
          </div>
          <div className={change.wish === "delete" ? "stand-what c-danger" : "stand-what"}>
            {change.wish === "delete" && <Icon name="trash" size="s" />}
            <span>
              <Say id="change.what" wish={wishKey(change)} />
            </span>
          </div>
          <div className="f12 c-3">
            {change.reason ? (
              <Say id="conflict.whyWho" reason={change.reason} who={change.actor} />
            ) : (
              <Say id="conflict.who" who={change.actor} />
            )}
          </div>
          {conflict.can_keep_mine ? (
            <Button onPress={() => answer("mine")} data-testid="keep-mine">
              <span className="stand-act">{conflict.keep_mine}</span>
            </Button>
          ) : (
            <p className="f12 c-2 stand-foot">
              <Say id="conflict.cannotKeep" provider={change.provider_name} />
            </p>
          )}
        </div>
        <div className="stand">
          <div className="stand-head">
            <h3>
              <Say id="conflict.now" provider={change.provider_name} />
            </h3>
            {now && (
              <time dateTime={now.at} title={times.exact(now.at)}>
                {times.at(now.at)}
              </time>
            )}
          </div>
          {now ? (
            <Side side={now} />
          ) : (
            <p className="f12 c-2">
              <Say id="conflict.nowNotKept" />
            </p>
          )}
          <Button onPress={() => answer("theirs")} data-testid="take-theirs">
            <span className="stand-act">{conflict.take_theirs}</span>
          </Button>
        </div>
      </div>
      {conflict.steps.length > 0 && (
        <ol className="steps f12">
          {conflict.steps.map((step) => (
            <li key={`${step.kind} ${step.at}`}>
              <time dateTime={step.at} title={times.exact(step.at)} className="c-3">
                {times.at(step.at)}
              </time>
              <span className="c-3">
                <Say id={STEPS[step.kind] ?? "conflict.observedStep"} provider={change.provider_name} />
              </span>
              <span>{step.words}</span>
            </li>
          ))}
        </ol>
      )}
      {resolve.error && <ProblemNote problem={resolve.error} level="warn" onClose={resolve.reset} />}
    </div>
  );
}

function Side({ side }: { side: SideView }) {
  return (
    <>
      <div className="stand-what">
        <StateWord state={side.state} />
        {side.one_click !== null && (
          <span className="c-2">
            <Say id="conflict.oneClick" on={side.one_click ? "on" : "off"} />
          </span>
        )}
      </div>
      {side.words !== "" && <div className="f12 c-3">{side.words}</div>}
    </>
  );
}

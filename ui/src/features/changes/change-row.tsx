/** One change on the screen of all changes. */
import { BrandMark } from "../../components/brand-mark";
import { Ring, useSecondsLeft } from "../../components/countdown";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { useTimes } from "../../components/time";
import type { ChangeView } from "../../contract";
import { Say, useText } from "../../messages/text";
import { deadlineOf, holdKey } from "../../platform/deadlines";
import { useCardName, wishKey } from "../person/card-words";
import { NoteInstead, StuckWords } from "../person/pending-line";
import { ChangeActions } from "./change-actions";
import { Conflict } from "./conflict";
import { useUndo } from "./undo";

export function ChangeRow({ change }: { change: ChangeView }) {
  const times = useTimes();
  const text = useText();
  const name = useCardName()(change);
  const { refused, forget } = useUndo();
  const late = refused.find((x) => x.place === "list" && x.change.id === change.id);
  return (
    <li
      className="change"
      tabIndex={-1}
      data-testid="change-row"
      data-status={change.status}
      data-change-row={change.id}
      aria-label={text("change.label", { wish: wishKey(change), card: name, account: change.account_label })}
    >
      <div className="change-in">
        <span className={`lead ${change.may_be_done ? "doubt" : change.status}`}>
          <Lead change={change} />
        </span>
        <span className="cut">
          <Say id="change.whatStatus" status={change.status} what={<Say id="change.what" wish={wishKey(change)} />} />
          {change.reason && (
            <span className="c-3" title={change.reason}>
              {" "}
              <Say id="change.reason" reason={change.reason} />
            </span>
          )}
        </span>
        <span className="card-title">
          <BrandMark brand={change.brand_name} name={change.brand_name} />
          {change.last4 ? (
            <span className="l4">
              <i aria-hidden="true">••••</i>
              {change.last4}
            </span>
          ) : (
            <span className="id c-2 cut">{change.remote_id}</span>
          )}
        </span>
        <span className="cut c-2" title={change.email ?? undefined}>
          {change.email ?? <Say id="person.noEmail" />}
        </span>
        <span className="cut c-2" dir="auto" title={change.account_label}>
          {change.account_label}
        </span>
        <time className="c-3 f12 cut" dateTime={change.updated_at} title={times.exact(change.updated_at)}>
          <ChangeWhen change={change} />
        </time>
        <span className="act">
          <ChangeActions change={change} place="list" />
        </span>
      </div>
      {late && (
        <div className="why">
          <ProblemNote problem={late.problem} level="warn" onClose={() => forget(change.id)} />
        </div>
      )}
      {change.conflict && <Conflict change={change} conflict={change.conflict} />}
      {change.status === "stuck" && (
        <div className="why">
          <p>
            <StuckWords change={change} />
          </p>
          <div className="why-acts">
            <NoteInstead change={change} />
            {change.problem && (
              <details>
                <summary className="link f12">
                  <Say id="problem.details" />
                </summary>
                <ProblemNote problem={change.problem} level="warn" />
              </details>
            )}
          </div>
        </div>
      )}
    </li>
  );
}

function Lead({ change }: { change: ChangeView }) {
  const { status } = change;
  if (change.may_be_done) return <Icon name="info" />;
  if (status === "held" && change.hold?.whole_ms) return <HoldRing change={change} whole={change.hold.whole_ms} />;
  if (status === "sending") return <span className="spin" aria-hidden="true" />;
  if (status === "conflict") return <Icon name="both" />;
  if (status === "stuck") return <Icon name="alert" />;
  if (status === "done") return <Icon name="check" />;
  if (status === "withdrawn") return <Icon name="undo" />;
  return <Icon name="clock" />;
}

function HoldRing({ change, whole }: { change: ChangeView; whole: number }) {
  const seconds = useSecondsLeft(deadlineOf(holdKey(change.id))) ?? 0;
  return <Ring seconds={seconds} whole={whole} />;
}

function ChangeWhen({ change }: { change: ChangeView }) {
  const times = useTimes();
  const at = times.clock(change.updated_at);
  const { status } = change;
  if (change.may_be_done) return <Say id="change.askedAt" at={times.clock(change.decided_at)} />;
  if (status === "held")
    return change.hold?.sends_at ? (
      <Say id="change.sendsAt" at={times.clock(change.hold.sends_at)} />
    ) : (
      <Say id="change.heldUntilSent" />
    );
  if (status === "conflict") return <Say id="change.foundAt" at={at} />;
  if (status === "stuck") return <Say id="change.tries" n={change.attempts} at={times.at(change.updated_at)} />;
  if (status === "sending") return <Say id="change.askedAt" at={times.clock(change.created_at)} />;
  if (status === "done") return <>{at}</>;
  if (status === "withdrawn") return <Say id="change.withdrawn" why={change.why ?? "other"} at={at} />;
  if (change.held_up_by === "asked_to_wait" && change.next_attempt_at)
    return <Say id="change.askedToWait" provider={change.provider_name} at={times.clock(change.next_attempt_at)} />;
  // The group says that it waits for the network; the row says since when.
  if (change.held_up_by && change.held_up_by !== "offline")
    return <Say id="change.heldUp" by={change.held_up_by} provider={change.provider_name} />;
  if (change.next_attempt_at) return <Say id="change.nextAt" at={times.clock(change.next_attempt_at)} />;
  return <Say id="change.decidedAt" at={times.clock(change.decided_at)} />;
}

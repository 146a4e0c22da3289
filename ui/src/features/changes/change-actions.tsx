/** What a person can do about a change where it stands. */
import { Button } from "../../components/button";
import { ProblemNote } from "../../components/problem";
import type { ChangeView } from "../../contract";
import { Say } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { useView } from "../shell/view";
import { type Place, useUndo } from "./undo";

const TOUCHED = ["cards", "changes", "status"] as const;

export function ChangeActions({ change, place }: { change: ChangeView; place: Place }) {
  const view = useView();
  const { undo, refused, forget } = useUndo();
  const retry = useAct("retry_change", TOUCHED);
  const discard = useAct("discard_change", TOUCHED);
  const send = useAct("send_change_now", TOUCHED);
  const busy = retry.isPending || discard.isPending || send.isPending;
  const request = { change_id: change.id };
  const problem = retry.error ?? discard.error ?? send.error;
  const list = place === "list" || place === "plan";
  const late = place === "plan" ? refused.find((x) => x.place === place && x.change.id === change.id) : undefined;
  const { status } = change;
  // "Take theirs" stands beside "keep mine", and is the same.
  const chosenBelow = place === "list" && change.conflict !== null;
  // A button that goes dead under the keyboard would lose it: a second press is dropped instead.
  const once = (act: () => void) => () => {
    if (!busy) act();
  };
  return (
    <>
      {status === "held" && change.can_undo && (
        <Button
          kind={list ? "plain" : "link"}
          size="s"
          icon={list ? "undo" : undefined}
          onPress={() => void undo(change, place)}
          data-testid="undo-change"
        >
          <Say id="action.undo" />
        </Button>
      )}
      {status === "held" && (list || !change.hold?.whole_ms) && (
        <Button size="s" kind="ghost" onPress={once(() => send.mutate(request))} data-testid="send-change">
          <Say id="change.sendNow" />
        </Button>
      )}
      {status === "waiting" && change.can_undo && (
        <Button kind="link" onPress={() => void undo(change, place)} data-testid="take-back">
          <Say id="change.takeBack" />
        </Button>
      )}
      {status === "conflict" && !list && (
        <Button size="s" onPress={() => view.go("changes")} data-testid="decide-change">
          <Say id="change.decide" />
        </Button>
      )}
      {change.can_retry && (
        <Button size="s" onPress={once(() => retry.mutate(request))} data-testid="retry-change">
          <Say id="change.retry" />
        </Button>
      )}
      {change.can_discard && !change.can_undo && !chosenBelow && (
        <Button size="s" kind="ghost" onPress={once(() => discard.mutate(request))} data-testid="discard-change">
          <Say id="change.discard" />
        </Button>
      )}
      {list && change.may_be_done && (
        <span className="c-3 f12">
          <Say id="change.readFirst" />
        </span>
      )}
      {list && status === "sending" && !change.may_be_done && (
        <span className="c-3 f12">
          <Say id="change.tooLate" />
        </span>
      )}
      {list && status === "conflict" && (
        <span className="c-3 f12">
          <Say id="change.notSent" />
        </span>
      )}
      {late && <ProblemNote problem={late.problem} level="warn" onClose={() => forget(change.id)} />}
      {problem && <ProblemNote problem={problem} level="warn" />}
    </>
  );
}

/** A change that is not confirmed, in words, on a line of its own under its card. */
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { useTimes } from "../../components/time";
import type { ChangeView } from "../../contract";
import { type MessageId, Say } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { wishKey } from "./card-words";

const WAITING: Record<string, MessageId> = { offline: "pending.offline", paused: "pending.paused" };

const TOUCHED = ["cards", "changes", "status"] as const;

export function ChangeActions({ change }: { change: ChangeView }) {
  const retry = useAct("retry_change", TOUCHED);
  const discard = useAct("discard_change", TOUCHED);
  const busy = retry.isPending || discard.isPending;
  const request = { change_id: change.id };
  const problem = retry.error ?? discard.error;
  return (
    <>
      {change.status === "stuck" && (
        <Button size="s" isDisabled={busy} onPress={() => retry.mutate(request)} data-testid="retry-change">
          <Say id="change.retry" />
        </Button>
      )}
      {change.status === "stuck" && (
        <Button
          size="s"
          kind="ghost"
          isDisabled={busy}
          onPress={() => discard.mutate(request)}
          data-testid="discard-change"
        >
          <Say id="change.discard" />
        </Button>
      )}
      {change.status === "waiting" && (
        <Button kind="link" isDisabled={busy} onPress={() => discard.mutate(request)} data-testid="discard-change">
          <Say id="change.takeBack" />
        </Button>
      )}
      {problem && <ProblemNote problem={problem} level="warn" />}
    </>
  );
}

/** Why a change is stuck, in a sentence. */
export function StuckWords({ change }: { change: ChangeView }) {
  return <Say id="stuck.why" why={change.why ?? "other"} wish={wishKey(change)} provider={change.provider_name} />;
}

export function PendingLine({ change }: { change: ChangeView }) {
  const times = useTimes();
  const stuck = change.status === "stuck";
  const values = { wish: wishKey(change), provider: change.provider_name };
  return (
    <div className={`pending-line ${stuck ? "stuck" : ""}`} data-testid="pending-line" data-status={change.status}>
      {stuck ? (
        <Icon name="alert" size="s" />
      ) : change.status === "sending" ? (
        <span className="spin" aria-hidden="true" />
      ) : (
        <Icon name="clock" size="s" />
      )}
      <span className="pending-words">
        {stuck ? (
          <>
            <Say id="pending.stuck" {...values} /> <StuckWords change={change} />
          </>
        ) : change.status === "sending" ? (
          <Say id="pending.sending" {...values} />
        ) : (
          <Say id={(change.held_up_by && WAITING[change.held_up_by]) || "pending.waiting"} {...values} />
        )}
      </span>
      <ChangeActions change={change} />
      <span className="grow" />
      <time className="c-3 f12 pending-by" dateTime={change.created_at} title={times.exact(change.created_at)}>
        <Say id="pending.by" who={change.actor} at={times.at(change.created_at)} />
      </time>
    </div>
  );
}

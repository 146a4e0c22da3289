/** A change that is not confirmed, in words, on a line of its own under its card. */
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { useTimes } from "../../components/time";
import type { ChangeView } from "../../contract";
import { type MessageId, Say } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
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

// Trying again leads nowhere: the payment system does not take this at all.
const NOT_TAKEN = ["ignored", "refused", "not_possible_here"];

/** Why a change is stuck and what can be done instead. */
export function StuckWords({ change }: { change: ChangeView }) {
  const values = { wish: wishKey(change), provider: change.provider_name };
  return (
    <>
      <Say id="stuck.why" why={change.why ?? "other"} {...values} />
      {NOT_TAKEN.includes(change.why ?? "") && (
        <>
          {" "}
          <Say id="stuck.instead" {...values} />
        </>
      )}
    </>
  );
}

/** For a deactivation that the payment system does not take: what this desk can do for its own people. */
export function NoteInstead({ change }: { change: ChangeView }) {
  const wanted = change.wish === "active" && change.value === false && NOT_TAKEN.includes(change.why ?? "");
  return change.status === "stuck" && wanted ? <NoteOnDesk change={change} /> : null;
}

function NoteOnDesk({ change }: { change: ChangeView }) {
  const times = useTimes();
  const detail = useRead("show_card", { card_id: change.card_id });
  const mark = useAct("mark_card", ["cards"]);
  const note = detail.data?.desk_note;
  if (note && !note.active) {
    return (
      <span className="c-2 f12" data-testid="noted-on-desk">
        <Say id="desk.noted" who={note.by} at={times.at(note.at)} />
      </span>
    );
  }
  return (
    <>
      <Button
        size="s"
        icon="note"
        isDisabled={!detail.data || mark.isPending}
        onPress={() => mark.mutate({ card_id: change.card_id, active: false })}
        data-testid="note-on-desk"
      >
        <Say id="desk.noteInstead" />
      </Button>
      {mark.error && <ProblemNote problem={mark.error} level="warn" />}
    </>
  );
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
      <span className="pending-acts">
        <NoteInstead change={change} />
        <ChangeActions change={change} />
      </span>
      <time className="c-3 f12 pending-by" dateTime={change.created_at} title={times.exact(change.created_at)}>
        <Say id="pending.by" who={change.actor} at={times.at(change.created_at)} />
      </time>
    </div>
  );
}

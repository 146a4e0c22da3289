/** A change that is not confirmed, in words, on a line of its own under its card. */
import { Button } from "../../components/button";
import { useSecondsLeft } from "../../components/countdown";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { useTimes } from "../../components/time";
import type { ChangeView } from "../../contract";
import { type MessageId, Say } from "../../messages/text";
import { deadlineOf, holdKey } from "../../platform/deadlines";
import { useAct, useRead } from "../../platform/queries";
import { ChangeActions } from "../changes/change-actions";
import { useUndo } from "../changes/undo";
import { useView } from "../shell/view";
import { wishKey } from "./card-words";

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
  if (note?.active === false) {
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
        onPress={() => mark.mutate({ card_id: change.card_id, field: "active", value: false })}
        data-testid="note-on-desk"
      >
        <Say id="desk.noteInstead" />
      </Button>
      {mark.error && <ProblemNote problem={mark.error} level="warn" />}
    </>
  );
}

/** Why a waiting change does not go now. */
const HELD_UP: Record<string, MessageId> = {
  offline: "pending.offline",
  paused: "pending.paused",
  asked_to_wait: "pending.askedToWait",
  lane: "pending.lane",
};

export function PendingLine({ change }: { change: ChangeView }) {
  const times = useTimes();
  const { status } = change;
  const needsYou = status === "stuck" || status === "conflict";
  return (
    <div className={`pending-line ${needsYou ? "stuck" : ""}`} data-testid="pending-line" data-status={status}>
      {needsYou ? (
        <Icon name={status === "stuck" ? "alert" : "both"} size="s" />
      ) : change.may_be_done ? (
        <Icon name="info" size="s" />
      ) : status === "sending" ? (
        <span className="spin" aria-hidden="true" />
      ) : (
        <Icon name="clock" size="s" />
      )}
      <span className="pending-words num">
        <PendingWords change={change} />
      </span>
      <span className="pending-acts">
        <NoteInstead change={change} />
        <ChangeActions change={change} place="row" />
      </span>
      <time className="c-3 f12 pending-by" dateTime={change.created_at} title={times.exact(change.created_at)}>
        <Say id="pending.by" who={change.actor} at={times.at(change.created_at)} />
      </time>
    </div>
  );
}

function PendingWords({ change }: { change: ChangeView }) {
  const values = { wish: wishKey(change), provider: change.provider_name };
  const { status } = change;
  if (status === "held") return <HeldWords change={change} />;
  if (status === "stuck")
    return (
      <>
        <Say id="pending.stuck" {...values} /> <StuckWords change={change} />
      </>
    );
  if (status === "conflict")
    return (
      <>
        <Say id="pending.conflict" {...values} /> {change.conflict?.title}
      </>
    );
  if (change.may_be_done) return <Say id="pending.unsure" {...values} />;
  if (status === "sending") return <Say id="pending.sending" {...values} />;
  return <Say id={(change.held_up_by && HELD_UP[change.held_up_by]) || "pending.waiting"} {...values} />;
}

function HeldWords({ change }: { change: ChangeView }) {
  const view = useView();
  const seconds = useSecondsLeft(deadlineOf(holdKey(change.id)));
  const offline = view.here.network.kind === "offline";
  const when = seconds === null ? "asked" : offline ? "offline" : seconds === 0 ? "now" : "soon";
  return <Say id="pending.held" wish={wishKey(change)} provider={change.provider_name} when={when} s={seconds ?? 0} />;
}

/** Undo pressed on this card too late: said where it was pressed. */
export function LateUndo({ card }: { card: string }) {
  const { refused, forget } = useUndo();
  return refused
    .filter((x) => x.place === "row" && x.change.card_id === card)
    .map(({ change, problem }) => (
      <ProblemNote key={change.id} problem={problem} level="warn" onClose={() => forget(change.id)} />
    ));
}

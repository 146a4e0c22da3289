/** Where the payment system does not take the state, staff can at least tell each other. */
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { useTimes } from "../../components/time";
import type { CardDetail } from "../../contract";
import { Say } from "../../messages/text";
import { useAct } from "../../platform/queries";

export function DeskNoteLine({ detail }: { detail: CardDetail }) {
  const mark = useAct("mark_card", ["cards"]);
  const times = useTimes();
  const { card } = detail;
  // A note about one-click has its own place, beside that switch.
  const note = detail.desk_note?.active === null ? null : detail.desk_note;
  const provider = card.account.provider_name;
  const set = (value: boolean | null) => mark.mutate({ card_id: card.id, field: "active", value });
  return (
    <div className="note">
      <Icon name="info" />
      <div className="grow">
        {note ? (
          <p>
            <Say id={note.active ? "desk.noteActive" : "desk.noteInactive"} who={note.by} at={times.at(note.at)} />
          </p>
        ) : (
          <p>
            <Say id="desk.offer" provider={provider} />
          </p>
        )}
        <p className="c-3 f12">
          <Say id="desk.only" provider={provider} />
        </p>
        <div className="note-acts">
          {note ? (
            <Button size="s" isDisabled={mark.isPending} onPress={() => set(null)}>
              <Say id="desk.remove" />
            </Button>
          ) : (
            <Button size="s" isDisabled={mark.isPending} onPress={() => set(false)}>
              <Say id="desk.markInactive" />
            </Button>
          )}
        </div>
        {mark.error && <ProblemNote problem={mark.error} />}
      </div>
    </div>
  );
}

/** What can be done with a card beside its switches, and in sentences what its payment system cannot do. */
import { useState } from "react";
import { Button } from "../../components/button";
import { Confirm } from "../../components/dialog";
import { ProblemNote } from "../../components/problem";
import type { CardDetail, CardView } from "../../contract";
import { Say } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { isUnderWay, useBlockedWords, useCardName } from "../person/card-words";
import { useView } from "../shell/view";
import { NewDetailsDialog } from "./new-details-dialog";
import { VerifyDialog } from "./verify-dialog";

type Asking = "verify" | "details" | "remove";

/** Where removing a card from this desk is possible: what was imported here. */
const REMOVABLE = ["desk_only", "mandate"];

export function CardActions({ detail }: { detail: CardDetail }) {
  const { card } = detail;
  const makeDefault = useAct("set_default", ["cards", "changes", "status"]);
  const [asking, setAsking] = useState<Asking | null>(null);
  const close = () => setAsking(null);
  const ending = card.state === "deleting" || card.state === "deleted" || card.gone_at !== null;
  const removable = REMOVABLE.includes(card.carriers.delete);
  const defaultable = card.switches.default_blocked === null && !ending;
  const readOnly = card.switches.delete_blocked === "read_only";
  const any = defaultable || removable || (!ending && (card.carriers.verify || card.carriers.ask_new_details));
  return (
    <>
      {any && (
        <section className="card-acts" aria-labelledby="acts-title">
          <h3 id="acts-title" className="sr">
            <Say id="acts.title" />
          </h3>
          {defaultable && (
            <Button
              icon="star"
              isDisabled={makeDefault.isPending || card.pending.some((x) => x.wish === "default" && isUnderWay(x))}
              onPress={() => makeDefault.mutate({ card_id: card.id })}
              data-testid="panel-make-default"
            >
              <Say id="acts.makeDefault" />
            </Button>
          )}
          {card.carriers.verify && !ending && (
            <Button icon="shield" onPress={() => setAsking("verify")} data-testid="verify-card">
              <Say id="acts.verify" />
            </Button>
          )}
          {card.carriers.ask_new_details && !ending && (
            <Button
              icon="portal"
              isDisabled={readOnly}
              onPress={() => setAsking("details")}
              data-testid="ask-new-details"
            >
              <Say id="acts.newDetails" />
            </Button>
          )}
          {removable && (
            <Button icon="x" onPress={() => setAsking("remove")} data-testid="remove-from-desk">
              <Say id="acts.remove" />
            </Button>
          )}
          {makeDefault.error && <ProblemNote problem={makeDefault.error} onClose={makeDefault.reset} />}
        </section>
      )}
      <Cannot card={card} />
      {asking === "verify" && <VerifyDialog card={card} onClose={close} />}
      {asking === "details" && <NewDetailsDialog card={card} onClose={close} />}
      {asking === "remove" && <RemoveFromDesk card={card} onClose={close} />}
    </>
  );
}

/** A sentence instead of a missing button. */
function Cannot({ card }: { card: CardView }) {
  const words = useBlockedWords();
  const provider = card.account.provider_name;
  const { switches, carriers } = card;
  const said = [
    ["none", "read_only", "not_possible"].includes(carriers.one_click) && words(switches.one_click_blocked, card),
    ["none", "read_only"].includes(carriers.active) && words(switches.active_blocked, card),
    carriers.default_card !== "native" && words(switches.default_blocked, card, "default"),
    ["block_instead", "desk_only"].includes(carriers.delete) && words(switches.delete_blocked, card, "delete"),
  ].filter((x): x is string => typeof x === "string");
  const noted = carriers.one_click === "desk_only" || carriers.active === "desk_only";
  if (said.length === 0 && !noted) return null;
  return (
    <ul className="cannot f12 c-2" data-testid="cannot">
      {noted && (
        <li>
          <Say
            id="cannot.noted"
            what={
              carriers.one_click !== "desk_only" ? "active" : carriers.active !== "desk_only" ? "one_click" : "both"
            }
            provider={provider}
          />
        </li>
      )}
      {said.map((sentence) => (
        <li key={sentence}>{sentence}.</li>
      ))}
    </ul>
  );
}

function RemoveFromDesk({ card, onClose }: { card: CardView; onClose: () => void }) {
  const view = useView();
  const remove = useAct("remove_from_desk", ["cards", "accounts", "status", "log"]);
  const name = useCardName()(card);
  return (
    <Confirm
      danger
      title={<Say id="removeHere.title" card={name} />}
      action={<Say id="removeHere.action" />}
      keep={<Say id="removeHere.keep" />}
      busy={remove.isPending}
      problem={remove.error}
      onClose={onClose}
      onConfirm={() =>
        remove.mutate(
          { card_id: card.id },
          {
            onSuccess: () => {
              onClose();
              view.showCard(null);
            },
          },
        )
      }
      testId="confirm-remove-from-desk"
    >
      <p>
        <Say id="removeHere.text" provider={card.account.provider_name} />
      </p>
    </Confirm>
  );
}

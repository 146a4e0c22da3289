/** Asks before a deletion: what happens when, what follows from known facts, and in live the last four typed. */
import { useState } from "react";
import {
  Button as AriaButton,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  TextField,
} from "react-aria-components";
import { useAnnounce } from "../../components/announce";
import { BrandMark } from "../../components/brand-mark";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import type { CardDetail, CardView, PersonView } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
import { useCardName } from "../person/card-words";
import { ENV_WORD } from "../shell/strip";
import { useView } from "../shell/view";

/** Whose card it is, as far as it is known where it is deleted from. */
type Known = Pick<PersonView, "name" | "email">;

const REASONS: { id: string; word: MessageId }[] = [
  { id: "phone", word: "reason.phone" },
  { id: "mail", word: "reason.mail" },
  { id: "expired", word: "reason.expired" },
  { id: "fraud", word: "reason.fraud" },
  { id: "other", word: "reason.other" },
];

const REASON_CHARACTERS = 255;
/** A live deletion is held at least so long, whatever the setting. */
const LIVE_HOLD_S = 10;

export function DeleteDialog({ card, person, onClose }: { card: CardView; person: Known; onClose: () => void }) {
  const detail = useRead("show_card", { card_id: card.id });
  // Nothing is asked before the facts are here; reading them is local.
  if (!detail.data) return detail.error ? <Failed problem={detail.error} onClose={onClose} /> : null;
  return <Ask detail={detail.data} person={person} onClose={onClose} />;
}

function Failed({
  problem,
  onClose,
}: {
  problem: NonNullable<ReturnType<typeof useRead>["error"]>;
  onClose: () => void;
}) {
  return (
    <Dialog
      alert
      title={<Say id="delete.title" />}
      onClose={onClose}
      footer={
        <Button size="l" autoFocus onPress={onClose}>
          <Say id="delete.keep" />
        </Button>
      }
    >
      <ProblemNote problem={problem} />
    </Dialog>
  );
}

function Ask({ detail, person, onClose }: { detail: CardDetail; person: Known; onClose: () => void }) {
  const view = useView();
  const text = useText();
  const announce = useAnnounce();
  const deleting = useAct("delete_card", ["cards", "changes", "status"]);
  const cardName = useCardName();
  const [typed, setTyped] = useState("");
  // Nothing is chosen for the person: what the log says was said.
  const [reason, setReason] = useState<string | null>(null);
  const [own, setOwn] = useState("");
  const { card, deletion: facts } = detail;
  const provider = card.account.provider_name;
  const matches = !facts.must_confirm || typed.trim() === facts.confirmation;
  const offline = view.here.network.kind === "offline";
  const settings = useRead("desk_settings", {});
  const set = settings.data?.hold_seconds ?? LIVE_HOLD_S;
  const seconds = card.env === "live" ? Math.max(set, LIVE_HOLD_S) : set;

  const remove = () => {
    if (!matches || deleting.isPending) return;
    const preset = REASONS.find((x) => x.id === reason);
    const words = reason === "other" ? own.trim() : preset ? text(preset.word) : "";
    deleting.mutate(
      { card_id: card.id, confirmation: facts.must_confirm ? typed.trim() : null, reason: words || null },
      {
        onSuccess: (change) => {
          // What is held is announced with the way to undo it.
          if (change.status !== "held") announce(text("delete.queued", { card: cardName(card), provider }));
          onClose();
        },
      },
    );
  };

  return (
    <Dialog
      alert
      width={580}
      title={<Say id="delete.title" />}
      onClose={onClose}
      testId="delete-dialog"
      footer={
        <>
          <span className="hint cut">
            <Say id="delete.loggedAs" who={view.status.who} desk={view.status.desk} />
          </span>
          <span className="grow" />
          <Button size="l" autoFocus={!facts.must_confirm} onPress={onClose} data-testid="keep-card">
            <Say id="delete.keep" />
          </Button>
          <Button
            size="l"
            kind="danger"
            icon="trash"
            isDisabled={!matches || deleting.isPending}
            onPress={remove}
            data-testid="confirm-delete"
          >
            <Say id="delete.confirm" />
          </Button>
        </>
      }
    >
      <Subject card={card} person={person} />
      <dl className="what">
        <dt>
          <Say id="delete.here" />
        </dt>
        <dd>
          <Say id="delete.here.text" held={seconds > 0 ? "yes" : "no"} />
        </dd>
        <dt>
          <Say id="delete.then" s={seconds} offline={offline ? "yes" : "no"} />
        </dt>
        <dd>
          <Say id={offline ? "delete.then.offline" : "delete.then.text"} provider={provider} s={seconds} />
        </dd>
        <dt>
          <Say id="delete.days" />
        </dt>
        <dd>
          <Say id="delete.days.text" provider={provider} />
        </dd>
        <dt>
          <Say id="delete.untouched" />
        </dt>
        <dd>
          <Say id="delete.untouched.text" n={facts.other_cards} account={card.account.label} />
        </dd>
      </dl>
      <Warnings detail={detail} />
      <div className="pair">
        <div className="grid gap-2">
          <Select
            className="field"
            value={reason}
            placeholder={text("delete.noReason")}
            onChange={(key) => setReason(key === null ? null : String(key))}
            data-testid="delete-reason"
          >
            <Label>
              <Say id="delete.reason" />
            </Label>
            <AriaButton className="input">
              <SelectValue className="grow cut text-left" />
              <Icon name="down" size="s" />
            </AriaButton>
            <Popover className="pop">
              <ListBox className="menu">
                {REASONS.map(({ id, word }) => (
                  <ListBoxItem key={id} id={id} className="menu-item" textValue={text(word)}>
                    <Say id={word} />
                  </ListBoxItem>
                ))}
              </ListBox>
            </Popover>
          </Select>
          {reason === "other" && (
            <TextField className="field" value={own} onChange={setOwn} maxLength={REASON_CHARACTERS}>
              <Label className="sr">
                <Say id="delete.ownReason" />
              </Label>
              <Input className="input" placeholder={text("delete.ownReason")} dir="auto" />
            </TextField>
          )}
        </div>
        {facts.must_confirm && (
          <TextField
            className="field"
            value={typed}
            onChange={setTyped}
            autoFocus
            onKeyDown={(event) => {
              if (event.key === "Enter") remove();
              // Every other key is the dialog's: Escape is the safe answer.
              else event.continuePropagation();
            }}
          >
            <Label>
              <Say
                id={facts.confirmation_kind === "last4" ? "delete.typeLast4" : "delete.typeId"}
                text={facts.confirmation}
                n={facts.confirmation.length}
              />
            </Label>
            <div className="input-wrap">
              <Input className="input id" autoComplete="off" inputMode="numeric" data-testid="confirm-text" />
              {matches && <Icon name="check" size="s" className="c-ok" />}
            </div>
          </TextField>
        )}
      </div>
      {deleting.error && <ProblemNote problem={deleting.error} />}
    </Dialog>
  );
}

function Subject({ card, person }: { card: CardView; person: Known }) {
  const name = useCardName()(card);
  const who = [person.name, card.email ?? person.email].filter((x) => x !== null);
  return (
    <div className="subject">
      <BrandMark brand={card.brand} name={card.brand_name} large />
      <div className="grow">
        <div>
          <span className="semi">{name}</span>
          {card.expiry && (
            <span className="c-2 dot-sep">
              <Say id="expiry.fine" month={card.expiry.slice(5)} year={card.expiry.slice(0, 4)} />
            </span>
          )}
        </div>
        <div className="f12 c-2 subject-who">
          {who.length > 0 ? (
            who.map((part) => (
              <span key={part} className="cut" dir="auto" title={part ?? undefined}>
                {part}
              </span>
            ))
          ) : (
            <Say id="person.unnamed" />
          )}
        </div>
      </div>
      <div className="text-right">
        <div className="f12 med">{card.account.label}</div>
        <div className="f12 c-3">
          <Say id="delete.where" provider={card.account.provider_name} env={<Say id={ENV_WORD[card.env]} />} />
        </div>
      </div>
    </div>
  );
}

function Warnings({ detail }: { detail: CardDetail }) {
  const { card, deletion: facts } = detail;
  return (
    <div className="note warn">
      <Icon name="alert" />
      <div>
        <div className="med">
          <Say id="delete.before" />
        </div>
        <ul className="imp">
          {facts.last_one_click && (
            <li>
              <Say id="delete.lastOneClick" account={card.account.label} />
            </li>
          )}
          {facts.last_active && (
            <li>
              <Say id="delete.lastActive" account={card.account.label} />
            </li>
          )}
          <li>
            <Say id="delete.subscriptions" />
          </li>
        </ul>
      </div>
    </div>
  );
}

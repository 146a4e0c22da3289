/** Asks before a deletion: what happens when, what follows from known facts, and in live the last four typed. */
import { useEffect, useState } from "react";
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
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import type { BeforeDeletionView, CardDetail, CardView, Problem } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
import { useCardName } from "../person/card-words";
import { useView } from "../shell/view";
import { CardSubject, type Known } from "./card-subject";
import { deletionWords } from "./deletion-words";

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

/** What a deletion would take along, looked up when the question is asked: an answer of earlier is none. */
function useBeforeDeletion(card: string) {
  const { mutate, data, error, isPending } = useAct("before_deletion");
  useEffect(() => mutate({ card_id: card }), [mutate, card]);
  return { facts: data ?? null, problem: error ?? data?.problem ?? null, waiting: isPending };
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
  const words = deletionWords(card);
  const before = useBeforeDeletion(card.id);
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
      title={<Say id={words.title} />}
      onClose={onClose}
      testId="delete-dialog"
      footer={
        <>
          <span className="hint cut">
            <Say id="delete.loggedAs" who={view.status.who} desk={view.status.desk} />
          </span>
          <span className="grow" />
          <Button size="l" autoFocus={!facts.must_confirm} onPress={onClose} data-testid="keep-card">
            <Say id={words.keep} />
          </Button>
          <Button
            size="l"
            kind="danger"
            icon="trash"
            isDisabled={!matches || deleting.isPending}
            onPress={remove}
            data-testid="confirm-delete"
          >
            <Say id={words.action} />
          </Button>
        </>
      }
    >
      <CardSubject card={card} person={person} />
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
        {(before.facts || before.waiting) && (
          <>
            <dt>
              <Say id="delete.at" provider={provider} />
            </dt>
            <dd className="min-line">{before.facts?.says ?? <span className="sk" style={{ width: 220 }} />}</dd>
          </>
        )}
        <dt>
          <Say id="delete.untouched" />
        </dt>
        <dd>
          <Say id="delete.untouched.text" n={facts.other_cards} account={card.account.label} />
        </dd>
      </dl>
      <Warnings detail={detail} before={before} />
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

interface Before {
  facts: BeforeDeletionView | null;
  problem: Problem | null;
  waiting: boolean;
}

function Warnings({ detail, before }: { detail: CardDetail; before: Before }) {
  const { card, deletion: facts } = detail;
  // Elsewhere nobody can ask what else is charged to the card.
  const asksFirst = card.carriers.delete === "customer_record";
  const open = before.facts?.open_payments ?? [];
  const subscriptions = before.facts?.subscriptions ?? [];
  return (
    <div className="note warn">
      <Icon name="alert" />
      <div className="grow">
        <div className="med">
          <Say id="delete.before" />
        </div>
        <ul className="imp" aria-live="polite">
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
          {open.length > 0 && (
            <li>
              <Say id="delete.openPayments" n={open.length} /> <Ids ids={open} />
            </li>
          )}
          {subscriptions.length > 0 && (
            <li>
              <Say id="delete.openSubscriptions" n={subscriptions.length} /> <Ids ids={subscriptions} />
            </li>
          )}
          {before.waiting && (
            <li>
              <Say id="delete.looking" provider={card.account.provider_name} />
            </li>
          )}
          {before.problem && (
            <li>
              <Say id="delete.notLooked" provider={card.account.provider_name} why={before.problem.title} />
            </li>
          )}
          {asksFirst && !before.waiting && !before.problem && open.length + subscriptions.length === 0 && (
            <li>
              <Say id="delete.nothingOpen" provider={card.account.provider_name} />
            </li>
          )}
          {!asksFirst && (
            <li>
              <Say id="delete.subscriptions" />
            </li>
          )}
        </ul>
      </div>
    </div>
  );
}

/** More than these are counted, not named. */
const NAMED = 5;

function Ids({ ids }: { ids: string[] }) {
  return (
    <span className="id f12 pick">
      {ids.slice(0, NAMED).join(", ")}
      {ids.length > NAMED && <Say id="delete.moreIds" n={ids.length - NAMED} />}
    </span>
  );
}

/**
 * The two switches of a card. What carries each is told by the desk: a switch where it can be pressed, a choice where the
 * mark is not set, a note of this desk where only this desk keeps it, else the state with the reason.
 */
import type { ReactNode } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Hint } from "../../components/button";
import { Flip } from "../../components/flip";
import { Icon } from "../../components/icon";
import { StateShape, StateWord, useStateWord } from "../../components/state";
import type { CardView } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { isUnderWay, useBlockedWords, useCardName } from "./card-words";
import { type Switchable, useFlips } from "./flips";

const DELETION: Record<string, MessageId> = {
  held: "state.deletionHeld",
  waiting: "state.deletionWaiting",
  sending: "state.deletionSending",
};

/** Active or inactive. */
export function ActiveSwitch({ card }: { card: CardView }) {
  const flips = useFlips();
  const text = useText();
  const blockedWords = useBlockedWords();
  const stateWord = useStateWord();
  const name = useCardName()(card);
  if (card.carriers.active === "desk_only") return <DeskNoteSwitch card={card} what="active" />;
  const blocked = blockedWords(card.switches.active_blocked, card);
  const deletion = card.pending.find((x) => x.wish === "delete" && isUnderWay(x));
  const deletionWord = deletion && DELETION[deletion.status];
  const off = offWord(card);
  if (blocked !== null) {
    const state = deletionWord ? text(deletionWord) : card.state === "inactive" ? text(off) : stateWord(card.state);
    return (
      <Hint text={blocked}>
        <AriaButton
          className="state-why"
          aria-label={text("switch.stateBlocked", { card: name, state, why: blocked })}
          data-testid="active"
          data-value={card.state === "active" ? "on" : "off"}
          data-blocked
        >
          {deletionWord ? (
            <span className="state st-deleting">
              <StateShape state="deleting" />
              {state}
            </span>
          ) : card.state === "inactive" ? (
            <span className="state st-inactive">
              <StateShape state="inactive" />
              {state}
            </span>
          ) : (
            <StateWord state={card.state} />
          )}
        </AriaButton>
      </Hint>
    );
  }
  const pending = flips.pending(card, "active");
  if (card.active_not_set && !pending) return <UnsetSwitch card={card} what="active" />;
  const on = flips.value(card, "active");
  const confirmed = !pending || (card.provider_state === "active") === on;
  return (
    <Flip
      on={on}
      label={text("switch.active", { card: name })}
      word={confirmed ? text(on ? "state.active" : off) : text(on ? "state.activeAsked" : askedOff(card))}
      pending={pending}
      blocked={null}
      onFlip={(value) => flips.flip(card, "active", value)}
      testId="active"
    />
  );
}

/** A card that is off for a reason kept at the payment system is blocked there. */
const offWord = (card: CardView): MessageId => (card.carriers.reason_is_sent ? "state.blocked" : "state.inactive");
const askedOff = (card: CardView): MessageId =>
  card.carriers.reason_is_sent ? "state.blockedAsked" : "state.inactiveAsked";

export function OneClickSwitch({ card }: { card: CardView }) {
  const flips = useFlips();
  const text = useText();
  const blockedWords = useBlockedWords();
  const name = useCardName()(card);
  if (card.carriers.one_click === "desk_only") return <DeskNoteSwitch card={card} what="one_click" />;
  const on = flips.value(card, "one_click");
  const pending = flips.pending(card, "one_click");
  const blocked = blockedWords(card.switches.one_click_blocked, card);
  const unsaid = card.one_click === null && !pending;
  if (unsaid && blocked === null && card.carriers.one_click === "metadata")
    return <UnsetSwitch card={card} what="one_click" />;
  return (
    <Flip
      on={on}
      label={text("switch.oneClick", { card: name })}
      word={unsaid ? text("oneClick.notSaid") : text(on ? "oneClick.on" : "oneClick.off")}
      pending={pending}
      blocked={blocked}
      onFlip={(value) => flips.flip(card, "one_click", value)}
      testId="one-click"
    />
  );
}

const LABELS: Record<Switchable, MessageId> = { active: "switch.active", one_click: "switch.oneClick" };
const TEST_IDS: Record<Switchable, string> = { active: "active", one_click: "one-click" };
const CHOICES: Record<Switchable, { on: MessageId; off: MessageId }> = {
  active: { on: "state.active", off: "state.inactive" },
  one_click: { on: "oneClick.on", off: "oneClick.off" },
};

/** The mark that would carry it is not there: neither on nor off, so both are offered. */
function UnsetSwitch({ card, what }: { card: CardView; what: Switchable }) {
  const flips = useFlips();
  const text = useText();
  const name = useCardName()(card);
  return (
    <Choices
      label={text("switch.labelled", { label: text(LABELS[what], { card: name }), word: text("mark.notSet") })}
      testId={TEST_IDS[what]}
      value="unset"
      shown={<Say id="mark.notSet" />}
      items={[
        { id: "on", word: CHOICES[what].on },
        { id: "off", word: CHOICES[what].off },
      ]}
      onChoose={(id) => flips.flip(card, what, id === "on")}
    />
  );
}

const NOTED: Record<Switchable, { on: MessageId; off: MessageId; none: MessageId }> = {
  active: { on: "note.active", off: "note.inactive", none: "note.none" },
  one_click: { on: "note.on", off: "note.off", none: "note.none" },
};

/** Only this desk keeps it: a note for staff that changes nothing anywhere else. */
function DeskNoteSwitch({ card, what }: { card: CardView; what: Switchable }) {
  const text = useText();
  const mark = useAct("mark_card", ["cards"]);
  const name = useCardName()(card);
  const noted = card.desk_note?.[what] ?? null;
  const word = text(NOTED[what][noted === null ? "none" : noted ? "on" : "off"]);
  return (
    <Choices
      label={text("note.label", { label: text(LABELS[what], { card: name }), word })}
      testId={TEST_IDS[what]}
      value={noted === null ? "none" : noted ? "on" : "off"}
      shown={
        noted === null && what === "active" ? (
          <StateWord state={card.state} />
        ) : (
          <span className={noted === null ? "c-3 cut" : "cut"}>{word}</span>
        )
      }
      hint={mark.error ? mark.error.title : undefined}
      items={[
        { id: "on", word: what === "active" ? "note.asActive" : "note.asOn" },
        { id: "off", word: what === "active" ? "note.asInactive" : "note.asOff" },
        ...(noted === null ? [] : [{ id: "none", word: "desk.remove" as MessageId }]),
      ]}
      onChoose={(id) => mark.mutate({ card_id: card.id, field: what, value: id === "none" ? null : id === "on" })}
    />
  );
}

function Choices(props: {
  label: string;
  testId: string;
  value: string;
  shown: ReactNode;
  hint?: string;
  items: { id: string; word: MessageId }[];
  onChoose: (id: string) => void;
}) {
  return (
    <MenuTrigger>
      <AriaButton
        className="pick-mark"
        aria-label={props.label}
        data-testid={props.testId}
        data-value={props.value}
        data-failed={props.hint ? true : undefined}
      >
        {props.shown}
        <Icon name="down" size="xs" className="c-3" />
      </AriaButton>
      <Popover className="pop narrow" placement="bottom start">
        {props.hint && <p className="menu-head c-danger">{props.hint}</p>}
        <Menu className="menu" onAction={(key) => props.onChoose(String(key))}>
          {props.items.map(({ id, word }) => (
            <MenuItem key={id} id={id} className="menu-item" data-testid={`${props.testId}-${id}`}>
              <Say id={word} />
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

/** One saved card: what it is, until when, what it may do, and what is under way for it. */
import { type KeyboardEvent, memo, useEffect, useRef } from "react";
import { Button as AriaButton } from "react-aria-components";
import { BrandMark } from "../../components/brand-mark";
import { Hint, IconButton } from "../../components/button";
import { Expiry } from "../../components/expiry";
import { Flip } from "../../components/flip";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { StateShape, StateWord, useStateWord } from "../../components/state";
import { Ago, Day } from "../../components/time";
import type { CardView } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { useUndo } from "../changes/undo";
import { isUnderWay, knowledgeWord, useBlockedWords, useCardName } from "./card-words";
import { useFlips } from "./flips";
import { LateUndo, PendingLine } from "./pending-line";

export function CardTitle({ card }: { card: CardView }) {
  return (
    <span className="card-title">
      <BrandMark brand={card.brand} name={card.brand_name} />
      {card.last4 || card.brand_name ? (
        <>
          <span className="med cut">{card.brand_name ?? <Say id="card.brandUnknown" />}</span>
          {card.last4 && (
            <span className="l4">
              <i aria-hidden="true">••••</i>
              {card.last4}
            </span>
          )}
        </>
      ) : (
        <span className="two-lines f12">
          <span className="c-2 cut">
            <Say id={knowledgeWord(card.card_knowledge)} />
          </span>
          <span className="id c-3">{card.remote_id}</span>
        </span>
      )}
    </span>
  );
}

const DELETION: Record<string, MessageId> = {
  held: "state.deletionHeld",
  waiting: "state.deletionWaiting",
  sending: "state.deletionSending",
};

/** Active or inactive: a switch where it can be pressed, else the state with the reason. */
export function ActiveSwitch({ card, provider }: { card: CardView; provider: string }) {
  const flips = useFlips();
  const text = useText();
  const blockedWords = useBlockedWords();
  const stateWord = useStateWord();
  const name = useCardName()(card);
  const blocked = blockedWords(card.switches.active_blocked, provider);
  const deletion = card.pending.find((x) => x.wish === "delete" && isUnderWay(x));
  const deletionWord = deletion && DELETION[deletion.status];
  if (blocked !== null) {
    const state = deletionWord ? text(deletionWord) : stateWord(card.state);
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
          ) : (
            <StateWord state={card.state} />
          )}
        </AriaButton>
      </Hint>
    );
  }
  const on = flips.value(card, "active");
  const pending = flips.pending(card, "active");
  const confirmed = !pending || (card.provider_state === "active") === on;
  return (
    <Flip
      on={on}
      label={text("switch.active", { card: name })}
      word={
        confirmed
          ? text(on ? "state.active" : "state.inactive")
          : text(on ? "state.activeAsked" : "state.inactiveAsked")
      }
      pending={pending}
      blocked={null}
      onFlip={(value) => flips.flip(card, "active", value)}
      testId="active"
    />
  );
}

export function OneClickSwitch({ card, provider }: { card: CardView; provider: string }) {
  const flips = useFlips();
  const text = useText();
  const blockedWords = useBlockedWords();
  const name = useCardName()(card);
  const on = flips.value(card, "one_click");
  const unsaid = card.one_click === null && !flips.pending(card, "one_click");
  return (
    <Flip
      on={on}
      label={text("switch.oneClick", { card: name })}
      word={unsaid ? text("oneClick.notSaid") : text(on ? "oneClick.on" : "oneClick.off")}
      pending={flips.pending(card, "one_click")}
      blocked={blockedWords(card.switches.one_click_blocked, provider)}
      onFlip={(value) => flips.flip(card, "one_click", value)}
      testId="one-click"
    />
  );
}

export interface CardRowProps {
  card: CardView;
  provider: string;
  index: number;
  current: boolean;
  onFocus: (card: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onOpen: (card: string) => void;
  onDelete: (card: CardView) => void;
}

export const CardRow = memo(function CardRow(props: CardRowProps) {
  const { card, provider, current } = props;
  const text = useText();
  const flips = useFlips();
  const blockedWords = useBlockedWords();
  const name = useCardName()(card);
  const problem = flips.problem(card);
  const ending = card.state === "deleting" || card.state === "deleted" || card.gone_at !== null;
  const deleteBlocked = blockedWords(card.switches.delete_blocked, provider);
  const row = useRef<HTMLDivElement>(null);
  const below = useRef<HTMLDivElement>(null);
  const { refused } = useUndo();
  const late = refused.some((x) => x.place === "row" && x.change.card_id === card.id);
  const told = card.pending.length > 0 || problem !== null || late;
  // What a press led to is seen whole, also at the lower edge.
  useEffect(() => {
    if (told && row.current?.contains(document.activeElement)) below.current?.scrollIntoView({ block: "nearest" });
  }, [told]);
  return (
    <>
      <div
        ref={row}
        role="row"
        aria-rowindex={props.index + 2}
        className={`cr ${current ? "cur" : ""} ${told ? "pend" : ""} ${ending ? "ending" : ""}`}
        tabIndex={current ? 0 : -1}
        data-testid="card-row"
        data-card={card.id}
        data-remote-id={card.remote_id}
        data-state={card.state}
        onFocus={() => props.onFocus(card.id)}
        onKeyDown={props.onKeyDown}
        onDoubleClick={() => props.onOpen(card.id)}
      >
        <div role="gridcell" className="c-card">
          <CardTitle card={card} />
        </div>
        <div role="gridcell">
          <Expiry expiry={card.expiry} days={ending ? null : card.expires_in_days} />
        </div>
        <div role="gridcell">
          {ending ? (
            <StateWord state={card.gone_at ? "deleted" : card.state} />
          ) : (
            <ActiveSwitch card={card} provider={provider} />
          )}
        </div>
        {ending ? (
          <div role="gridcell" aria-colspan={2} className="c-gone c-2 f12 cut">
            {card.gone_at ? (
              <Say id="card.goneSince" day={<Day at={card.gone_at} />} provider={provider} />
            ) : card.planned_purge_on ? (
              <Say id="card.plannedGone" day={<Day at={card.planned_purge_on} />} />
            ) : (
              <Say id="card.noPlannedDate" provider={provider} />
            )}
          </div>
        ) : (
          <>
            <div role="gridcell">
              <OneClickSwitch card={card} provider={provider} />
            </div>
            <div role="gridcell" className="c-2 f12 c-read">
              <Ago at={card.read_at} />
            </div>
          </>
        )}
        <div role="gridcell" className="c-acts">
          {!ending && (
            <Hint text={deleteBlocked ?? text("card.delete", { card: name })}>
              <AriaButton
                className={`icb ${deleteBlocked ? "off" : ""}`}
                aria-label={
                  deleteBlocked
                    ? text("card.deleteBlocked", { card: name, why: deleteBlocked })
                    : text("card.delete", { card: name })
                }
                aria-disabled={deleteBlocked !== null || undefined}
                excludeFromTabOrder={!current}
                onPress={() => deleteBlocked === null && props.onDelete(card)}
                data-testid="delete-card"
              >
                <Icon name="trash" size="s" />
              </AriaButton>
            </Hint>
          )}
          <IconButton
            icon="panel"
            label={text("card.details", { card: name })}
            excludeFromTabOrder={!current}
            onPress={() => props.onOpen(card.id)}
            data-testid="open-card"
          />
        </div>
      </div>
      {told && (
        <div ref={below} role="row" className="pendrow">
          <div role="gridcell" aria-colspan={6}>
            {card.pending.map((change) => (
              <PendingLine key={change.id} change={change} />
            ))}
            <LateUndo card={card.id} />
            {problem && <ProblemNote problem={problem} onClose={() => flips.forget(card)} />}
          </div>
        </div>
      )}
    </>
  );
});

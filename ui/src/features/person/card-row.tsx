/** One saved card: what it is, until when, what it may do, and what is under way for it. */
import { type KeyboardEvent, memo, useEffect, useRef } from "react";
import { Button as AriaButton } from "react-aria-components";
import { BrandMark } from "../../components/brand-mark";
import { Hint, IconButton } from "../../components/button";
import { Expiry } from "../../components/expiry";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { StateWord } from "../../components/state";
import { Ago, Day } from "../../components/time";
import type { CardView } from "../../contract";
import { Say, useText } from "../../messages/text";
import { useUndo } from "../changes/undo";
import { ActiveSwitch, OneClickSwitch } from "./card-switches";
import { knowledgeWord, useBlockedWords, useCardName } from "./card-words";
import { useFlips } from "./flips";
import { LateUndo, PendingLine } from "./pending-line";

export function CardTitle({ card }: { card: CardView }) {
  return (
    <span className="card-title">
      <BrandMark brand={card.brand} name={card.brand_name} />
      {card.last4 || card.brand_name ? (
        <>
          {card.is_default ? (
            <span className="two-lines">
              <span className="med cut brand-word">{card.brand_name ?? <Say id="card.brandUnknown" />}</span>
              <span className="default-word">
                <Say id="card.default" />
              </span>
            </span>
          ) : (
            <span className="med cut brand-word">{card.brand_name ?? <Say id="card.brandUnknown" />}</span>
          )}
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

/** What the payment system found when it looked at the card, in its own word, and whether it says that it can be charged. */
export function Verified({ card }: { card: CardView }) {
  if (card.verification === null && card.chargeable === null) return <span className="c-3">–</span>;
  return (
    <span className="two-lines f12">
      {card.verification !== null && <span className="cut">{card.verification}</span>}
      {card.chargeable !== null && (
        <span className={`cut ${card.chargeable ? "c-2" : "c-warn"}`}>
          <Say id={card.chargeable ? "card.chargeable" : "card.notChargeable"} />
        </span>
      )}
    </span>
  );
}

export interface CardRowProps {
  card: CardView;
  provider: string;
  /** The last column tells what was verified, else when it was read. */
  verified: boolean;
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
  const blockedFor = card.state === "inactive" ? card.block_reason : null;
  const ending = card.state === "deleting" || card.state === "deleted" || card.gone_at !== null;
  const deleteBlocked = blockedWords(card.switches.delete_blocked, card, "delete");
  const row = useRef<HTMLDivElement>(null);
  const below = useRef<HTMLDivElement>(null);
  const { refused } = useUndo();
  const late = refused.some((x) => x.place === "row" && x.change.card_id === card.id);
  const told = card.pending.length > 0 || problem !== null || late;
  const more = told || blockedFor !== null;
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
          {ending ? <StateWord state={card.gone_at ? "deleted" : card.state} /> : <ActiveSwitch card={card} />}
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
              <OneClickSwitch card={card} />
            </div>
            {props.verified ? (
              <div role="gridcell" className="c-read">
                <Verified card={card} />
              </div>
            ) : (
              <div role="gridcell" className="c-2 f12 c-read">
                <Ago at={card.read_at} />
              </div>
            )}
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
      {more && (
        <div ref={below} role="row" className="pendrow">
          <div role="gridcell" aria-colspan={6}>
            {blockedFor !== null && (
              <p className="blocked-for f12 c-2" title={blockedFor}>
                <Say id="card.blockedFor" reason={blockedFor} />
              </p>
            )}
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

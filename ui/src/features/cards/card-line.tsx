/** One card of the table: one line of fixed height, whatever happens to it. */
import { memo } from "react";
import { BrandMark } from "../../components/brand-mark";
import { Expiry } from "../../components/expiry";
import { lettersThatFit } from "../../components/fit";
import { Icon } from "../../components/icon";
import { Marked } from "../../components/marked";
import { StateWord } from "../../components/state";
import { Ago } from "../../components/time";
import type { CardView } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { knowledgeWord, useCardName } from "../person/card-words";

const EMAIL_PX = 13;

/** What is under way for the card, said in the cell that it concerns. */
const asked = (card: CardView, wish: string) => card.pending.some((x) => x.wish === wish && x.status !== "stuck");
/** What this desk alone keeps of one-click. */
const noteWord = (noted: boolean | null): MessageId => (noted === null ? "note.none" : noted ? "note.on" : "note.off");
const needsYou = (card: CardView) => card.pending.some((x) => x.status === "stuck" || x.status === "conflict");

export interface CardLineProps {
  card: CardView;
  id: string;
  /** Its place among the cards, from 0. */
  index: number;
  top: number;
  words: readonly string[];
  /** Pixels for the email. */
  room: number;
  picked: boolean;
  current: boolean;
  oneClick: boolean;
  oneClickAsked: boolean;
  onPress: (card: CardView, index: number, how: { shift: boolean; toggle: boolean }) => void;
  onPick: (card: CardView, index: number, shift: boolean) => void;
}

export const CardLine = memo(function CardLine(props: CardLineProps) {
  const { card, index, words } = props;
  const text = useText();
  const name = useCardName()(card);
  const ending = card.state === "deleting" || card.state === "deleted" || card.gone_at !== null;
  const deletion = asked(card, "delete");
  const who = card.email ?? card.name ?? text("person.unnamed");
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the table and by the search field
    <div
      id={props.id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={props.picked}
      className={`cl ${props.current ? "cur" : ""} ${props.picked ? "picked" : ""} ${ending ? "ending" : ""}`}
      style={{ transform: `translateY(${props.top}px)` }}
      data-testid="cards-row"
      data-card={card.id}
      data-state={card.state}
      onClick={(event) => props.onPress(card, index, { shift: event.shiftKey, toggle: event.ctrlKey || event.metaKey })}
    >
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the box inside takes keys */}
      <div role="gridcell" className="cl-pick" onClick={(event) => event.stopPropagation()}>
        <input
          type="checkbox"
          className="box"
          tabIndex={-1}
          checked={props.picked}
          aria-label={text("cards.pick", { card: name, who })}
          onChange={() => {}}
          onClick={(event) => props.onPick(card, index, event.shiftKey)}
          data-testid="pick-card"
        />
      </div>
      <div role="gridcell" className="cl-who">
        {card.email ? (
          <span className="cl-email cut" title={card.email}>
            <span aria-hidden="true">
              <Marked text={card.email} words={words} room={lettersThatFit(card.email, props.room, EMAIL_PX)} />
            </span>
            <span className="sr">{card.email}</span>
          </span>
        ) : (
          <span className="cl-email c-3">
            <Say id="person.noEmail" />
          </span>
        )}
        {card.name && (
          <span className="cl-name cut c-2" title={card.name}>
            <bdi>
              <Marked text={card.name} words={words} room={60} />
            </bdi>
          </span>
        )}
      </div>
      <div role="gridcell">
        <span className="card-title" title={name}>
          <BrandMark brand={card.brand} name={card.brand_name} />
          {card.last4 ? (
            <span className="l4">
              <i aria-hidden="true">••••</i>
              {card.last4}
            </span>
          ) : (
            <span className="cut f12 c-2" title={text(knowledgeWord(card.card_knowledge))}>
              <span className="id">{card.remote_id}</span>
            </span>
          )}
        </span>
      </div>
      <div role="gridcell">
        <Expiry expiry={card.expiry} days={ending ? null : card.expires_in_days} />
      </div>
      <div role="gridcell" className="cl-state">
        <StateWord state={card.gone_at ? "deleted" : card.state} />
        {needsYou(card) ? (
          <span className="c-warn" title={text("cards.needsYou")}>
            <Icon name="alert" size="xs" />
            <span className="sr">{text("cards.needsYou")}</span>
          </span>
        ) : (
          (deletion || asked(card, "active")) && (
            <span className="c-info" title={text(deletion ? "cards.deletionAsked" : "cards.asked")}>
              <Icon name={deletion ? "trash" : "clock"} size="xs" />
              <span className="sr">{text(deletion ? "cards.deletionAsked" : "cards.asked")}</span>
            </span>
          )
        )}
      </div>
      <div role="gridcell">
        {ending || card.state === "creating" ? (
          <span className="c-3">–</span>
        ) : card.carriers.one_click === "desk_only" ? (
          <span className={typeof card.desk_note?.one_click === "boolean" ? "c-2" : "c-3"}>
            <Say id={noteWord(card.desk_note?.one_click ?? null)} />
          </span>
        ) : card.one_click === null && !props.oneClickAsked ? (
          <span className="c-3">
            <Say id={card.carriers.one_click === "metadata" ? "mark.notSet" : "oneClick.notSaid"} />
          </span>
        ) : (
          <span className={`mark-flip ${props.oneClick ? "on" : ""} ${props.oneClickAsked ? "asked" : ""}`}>
            <i aria-hidden="true" />
            <Say id={props.oneClick ? "oneClick.on" : "oneClick.off"} />
            {props.oneClickAsked && <span className="sr">{text("cards.asked")}</span>}
          </span>
        )}
      </div>
      <div role="gridcell" className="cut c-2" title={`${card.account.label}, ${card.account.provider_name}`}>
        <bdi>{card.account.label}</bdi>
      </div>
      <div role="gridcell" className="cl-read c-3 f12">
        <Ago at={card.read_at} />
      </div>
    </div>
  );
});

/** One row of the log: words first; who, which card and how it went beside them; ids in the fold. */
import type { ReactNode } from "react";
import { Button as AriaButton } from "react-aria-components";
import { useIntl } from "react-intl";
import { BrandMark } from "../../components/brand-mark";
import { Button } from "../../components/button";
import { CopyButton } from "../../components/copy";
import { Icon } from "../../components/icon";
import { useTimes } from "../../components/time";
import type { LogRow } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { useView } from "../shell/view";
import { cardParts, nameOf, OUTCOMES } from "./log-words";

const LOOKS: Record<string, string> = { refused: "c-danger", failed: "c-danger", conflict: "c-warn" };

export interface LogRowProps {
  row: LogRow;
  open: boolean;
  /** Whether Tab reaches this row; from it, arrow keys reach the others. */
  reachable: boolean;
  onToggle: () => void;
  onCard: (card: { id: string; words: string }) => void;
}

export function LogRowView(props: LogRowProps) {
  const { row } = props;
  const intl = useIntl();
  const times = useTimes();
  const view = useView();
  const clock = intl.formatDate(row.at, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const { person } = row;
  return (
    <div className={props.open ? "log-row open" : "log-row"}>
      <time className="log-at" dateTime={row.at} title={`${times.exact(row.at)}, ${times.ago(row.at)}`}>
        {clock}
      </time>
      <span className="log-main">
        <AriaButton
          className="log-what cut"
          aria-expanded={props.open}
          excludeFromTabOrder={!props.reachable}
          onPress={props.onToggle}
        >
          {row.words}
        </AriaButton>
        {(row.reason || row.detail) && (
          <span className="log-second cut" title={[row.reason, row.detail].filter(Boolean).join("\n")}>
            {row.reason && (
              <span dir="auto">
                <Say id="log.reason" reason={row.reason} />
              </span>
            )}
            {row.detail && <span className={row.reason ? "dot-sep" : ""}>{row.detail}</span>}
          </span>
        )}
      </span>
      <span className="log-card">
        {row.card && (
          <Goes
            label="log.openCard"
            name={row.card}
            reachable={props.reachable}
            onPress={
              person && row.card_id
                ? () => {
                    view.open(person);
                    view.showCard(row.card_id);
                  }
                : null
            }
          >
            <CardMark words={row.card} />
          </Goes>
        )}
      </span>
      <span className="log-who">
        {row.email && (
          <Goes
            label="log.openCustomer"
            name={row.email}
            reachable={props.reachable}
            onPress={person ? () => view.open(person, true) : null}
          >
            <span className="cut" title={row.email}>
              {row.email}
            </span>
          </Goes>
        )}
      </span>
      <span className="log-account cut c-2" dir="auto" title={row.account_label ?? undefined}>
        {row.account_label}
      </span>
      <span className="log-actor cut c-2" dir="auto" title={row.actor}>
        {nameOf(row.actor, view.status.desk)}
      </span>
      <Outcome outcome={row.outcome} />
      <Icon name="down" size="xs" className="log-turn" />
      {props.open && <Fold row={row} onCard={props.onCard} />}
    </div>
  );
}

function Outcome({ outcome }: { outcome: string }) {
  const word = OUTCOMES.find((x) => x.id === outcome)?.word;
  const look = LOOKS[outcome];
  return (
    <span className={`log-outcome cut ${look ?? "c-3"}`}>
      {look && <Icon name="alert" size="xs" />}
      {word ? <Say id={word} /> : outcome}
    </span>
  );
}

/** A card or a customer: a way there while they are known here, else only the words. */
function Goes(props: {
  label: MessageId;
  name: string;
  reachable: boolean;
  onPress: (() => void) | null;
  children: ReactNode;
}) {
  const text = useText();
  if (!props.onPress) return <span className="log-goes">{props.children}</span>;
  return (
    <AriaButton
      className="log-goes to"
      aria-label={text(props.label, { name: props.name })}
      excludeFromTabOrder={!props.reachable}
      onPress={props.onPress}
    >
      {props.children}
    </AriaButton>
  );
}

function CardMark({ words }: { words: string }) {
  const parts = cardParts(words);
  if (!parts) return <span className="cut">{words}</span>;
  return (
    <>
      <BrandMark brand={parts.brand} name={parts.brand} />
      <span className="l4">
        <i aria-hidden="true">••••</i>
        {parts.last4}
      </span>
    </>
  );
}

function Fold({ row, onCard }: { row: LogRow; onCard: LogRowProps["onCard"] }) {
  const times = useTimes();
  const text = useText();
  const { card_id: id, card } = row;
  return (
    <div className="log-fold">
      <dl className="dl f12">
        <Fact name="log.fact.row">
          <span>
            <Say id="log.fact.rowOf" n={row.number} action={row.action} />
          </span>
        </Fact>
        <Fact name="log.fact.at">{times.exact(row.at)}</Fact>
        <Fact name="log.fact.who">
          <span dir="auto">{row.actor}</span>
        </Fact>
        {row.account_label && (
          <Fact name="log.account">
            <span dir="auto">{row.account_label}</span>
          </Fact>
        )}
        {row.email && <Fact name="log.fact.customer">{row.email}</Fact>}
        {row.reason && (
          <Fact name="log.fact.reason">
            <span dir="auto">
              <Say id="log.reason" reason={row.reason} />
            </span>
          </Fact>
        )}
        {row.detail && <Fact name="log.fact.detail">{row.detail}</Fact>}
        {row.change_id && (
          <Fact name="log.fact.change">
            <span className="id">{row.change_id}</span>
          </Fact>
        )}
        {row.request_id && (
          <Fact name="log.fact.request">
            <span className="id">{row.request_id}</span>
            <CopyButton value={row.request_id} label={text("copy.requestId")} />
          </Fact>
        )}
      </dl>
      {id && card && (
        <Button kind="link" className="f12" onPress={() => onCard({ id, words: card })}>
          <Say id="log.onlyCard" card={card} />
        </Button>
      )}
    </div>
  );
}

function Fact({ name, children }: { name: MessageId; children: ReactNode }) {
  return (
    <>
      <dt>
        <Say id={name} />
      </dt>
      <dd className="line-row">{children}</dd>
    </>
  );
}

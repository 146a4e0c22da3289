/** One card with every property its payment system has, its versions, and what can be done with it. */
import type { ReactNode } from "react";
import { useState } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { BrandMark } from "../../components/brand-mark";
import { Button, IconButton } from "../../components/button";
import { CopyButton, useCopy } from "../../components/copy";
import { Expiry } from "../../components/expiry";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { PanelSkeleton, useWaitedLong } from "../../components/skeleton";
import { StateWord, useStateWord } from "../../components/state";
import { useTimes } from "../../components/time";
import type { CardDetail } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
import { ActiveSwitch, OneClickSwitch } from "../person/card-switches";
import { useCardName } from "../person/card-words";
import { LateUndo, PendingLine } from "../person/pending-line";
import { useView } from "../shell/view";
import { CardActions } from "./card-actions";
import { deletionWords } from "./deletion-words";
import { DeskNoteLine } from "./desk-note";
import { Versions } from "./versions";

export function CardPanel({ card }: { card: string }) {
  const view = useView();
  const detail = useRead("show_card", { card_id: card });
  const long = useWaitedLong(detail.isPending);
  const text = useText();
  return (
    <ModalOverlay className="scrim side" isOpen isDismissable onOpenChange={(open) => !open && view.showCard(null)}>
      <Modal className="drawer">
        <AriaDialog className="drawer-in" aria-label={text("panel.label")} data-testid="card-panel">
          {detail.data ? (
            <Loaded detail={detail.data} onClose={() => view.showCard(null)} />
          ) : (
            <>
              <div className="drawer-head">
                <span className="grow" />
                <IconButton icon="x" large label={text("action.close")} onPress={() => view.showCard(null)} />
              </div>
              {detail.error && (
                <div className="er">
                  <ProblemNote problem={detail.error} />
                </div>
              )}
              {long && <PanelSkeleton />}
            </>
          )}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

function Loaded({ detail, onClose }: { detail: CardDetail; onClose: () => void }) {
  const view = useView();
  const text = useText();
  const { card } = detail;
  const provider = card.account.provider_name;
  const name = useCardName()(card);
  const deleteBlocked = card.switches.delete_blocked !== null;
  // Where nothing is deleted a sentence says so.
  const deletes = !["block_instead", "desk_only"].includes(card.carriers.delete);
  const stateBlocked = card.switches.active_blocked;
  return (
    <>
      <div className="drawer-head">
        <BrandMark brand={card.brand} name={card.brand_name} large />
        <div className="grow">
          <Heading slot="title" level={2} className="cut">
            {name}
          </Heading>
          <div className="f12 c-2 cut">
            <Say id="panel.at" account={card.account.label} provider={provider} />
          </div>
        </div>
        <IconButton icon="x" large label={text("action.close")} onPress={onClose} />
      </div>
      <div className="drawer-body">
        {card.pending.map((change) => (
          <PendingLine key={change.id} change={change} />
        ))}
        <LateUndo card={card.id} />
        <dl className="quick">
          <div>
            <dt>
              <Say id="cards.expires" />
            </dt>
            <dd>
              <Expiry expiry={card.expiry} days={card.expires_in_days} />
            </dd>
          </div>
          <div>
            <dt>
              <Say id="cards.state" />
            </dt>
            <dd>
              <ActiveSwitch card={card} />
            </dd>
          </div>
          <div>
            <dt>
              <Say id="cards.oneClick" />
            </dt>
            <dd>
              <OneClickSwitch card={card} />
            </dd>
          </div>
        </dl>
        {(stateBlocked === "ignored_here" ||
          stateBlocked === "refused_here" ||
          typeof detail.desk_note?.active === "boolean") &&
          card.carriers.active !== "desk_only" && <DeskNoteLine detail={detail} />}
        {card.block_reason !== null && (
          <div className="note">
            <Icon name="info" />
            <p className="grow pick" dir="auto">
              <Say id="card.blockedFor" reason={card.block_reason} />
            </p>
          </div>
        )}
        <CardActions detail={detail} />
        <Properties detail={detail} />
        <Versions detail={detail} />
      </div>
      <div className="drawer-foot">
        <Portal detail={detail} />
        <span className="grow" />
        {deletes && (
          <Button
            kind="danger-quiet"
            icon="trash"
            isDisabled={deleteBlocked}
            onPress={() => {
              onClose();
              view.askDelete(card);
            }}
            data-testid="panel-delete-card"
          >
            <Say id={deletionWords(card).open} />
          </Button>
        )}
      </div>
    </>
  );
}

/** A property that only some payment systems have. */
const told = (name: MessageId, copy: string | null) => (copy === null ? [] : [{ name, copy }]);

function Properties({ detail }: { detail: CardDetail }) {
  const { card } = detail;
  const text = useText();
  const times = useTimes();
  const stateWord = useStateWord();
  // Copied as the payment system writes it, shown as people read it.
  const rows: { name: MessageId; copy: string | null; shown?: ReactNode }[] = [
    { name: "prop.id", copy: card.remote_id },
    { name: "prop.state", copy: card.provider_state, shown: <StateWord state={card.provider_state} /> },
    ...(card.version > 0 ? [{ name: "prop.version" as const, copy: String(card.version) }] : []),
    { name: "prop.created", copy: card.created_on, shown: card.created_on && times.exact(card.created_on) },
    ...(card.carriers.delete === "asynchronous" || card.planned_purge_on !== null
      ? [
          {
            name: "prop.purge" as const,
            copy: card.planned_purge_on,
            shown: card.planned_purge_on && times.exact(card.planned_purge_on),
          },
        ]
      : []),
    { name: "prop.email", copy: card.email },
    { name: "prop.customerId", copy: card.customer_id },
    ...told("prop.reference", detail.token_reference),
    ...told("prop.externalId", detail.external_id),
    {
      name: "prop.oneClick",
      copy: card.provider_one_click === null ? null : String(card.provider_one_click),
      shown: text(
        card.provider_one_click === null
          ? "oneClick.notSaid"
          : card.provider_one_click
            ? "oneClick.on"
            : "oneClick.off",
      ),
    },
    ...told("prop.default", card.is_default === null ? null : text(card.is_default ? "prop.yes" : "prop.no")),
    ...told("prop.verification", card.verification),
    ...told("prop.chargeable", card.chargeable === null ? null : text(card.chargeable ? "prop.yes" : "prop.no")),
    ...told("prop.kind", card.kind),
    ...told("prop.blockReason", card.block_reason),
    ...told("prop.language", detail.language),
    ...told("prop.timeZone", detail.time_zone),
    ...told("prop.space", detail.linked_space_id),
  ];
  return (
    <section aria-labelledby="props-title">
      <h3 id="props-title" className="sect">
        <Say id="panel.properties" provider={card.account.provider_name} />
        <span className="c-3 f12 font-normal">
          <Say id="panel.readAt" at={times.at(card.read_at)} ago={times.ago(card.read_at)} />
        </span>
      </h3>
      <dl className="props">
        {rows.map(({ name, copy, shown }) => (
          <div key={name}>
            <dt>{text(name)}</dt>
            <dd>
              <span className="cut id pick" title={copy ?? undefined} dir="auto">
                {copy === null || copy === "" ? <span className="c-3">–</span> : (shown ?? copy)}
              </span>
              {copy !== null && copy !== "" && (
                <CopyButton value={copy} label={text("copy.property", { name: text(name) })} />
              )}
            </dd>
          </div>
        ))}
        {card.state !== card.provider_state && (
          <div className="f12 c-info">
            <Say id="panel.effective" state={stateWord(card.state)} provider={card.account.provider_name} />
          </div>
        )}
      </dl>
    </section>
  );
}

/** The portal's pages cannot be addressed one by one, so the id goes along in the clipboard. */
function Portal({ detail }: { detail: CardDetail }) {
  const open = useAct("open_portal");
  const copy = useCopy();
  const [opened, setOpened] = useState(false);
  const { card } = detail;
  return (
    <div className="portal">
      <Button
        icon="portal"
        isDisabled={open.isPending}
        onPress={() =>
          open.mutate(
            { card_id: card.id },
            {
              onSuccess: ({ remote_id }) => {
                void copy(remote_id);
                setOpened(true);
              },
            },
          )
        }
        data-testid="open-portal"
      >
        <Say id="panel.portal" provider={card.account.provider_name} />
      </Button>
      {opened && (
        <span className="hint" role="status">
          <Icon name="check" size="xs" /> <Say id="panel.portalOpened" />
        </span>
      )}
      {open.error && <ProblemNote problem={open.error} />}
    </div>
  );
}

/**
 * Asks before a card is blocked or unblocked where the payment system keeps the reason: the words go there and are shown
 * there; before unblocking, the reason that stands is read first.
 */
import { useState } from "react";
import { Input, Label, Text, TextField } from "react-aria-components";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import type { CardView } from "../../contract";
import { Say } from "../../messages/text";
import { CardSubject } from "../card-panel/card-subject";

const REASON_CHARACTERS = 255;

export interface BlockDialogProps {
  card: CardView;
  /** The wanted value: `false` blocks. */
  active: boolean;
  onClose: () => void;
  onConfirm: (reason: string | null) => void;
}

export function BlockDialog({ card, active, onClose, onConfirm }: BlockDialogProps) {
  const [reason, setReason] = useState("");
  const provider = card.account.provider_name;
  const ready = active || reason.trim() !== "";
  const submit = () => ready && onConfirm(reason.trim() || null);
  return (
    <Dialog
      alert
      width={520}
      title={<Say id={active ? "block.titleUnblock" : "block.title"} />}
      onClose={onClose}
      testId="block-dialog"
      footer={
        <>
          <span className="grow" />
          <Button size="l" autoFocus={active} onPress={onClose}>
            <Say id={active ? "block.keepBlocked" : "block.keep"} />
          </Button>
          <Button size="l" kind="primary" isDisabled={!ready} onPress={submit} data-testid="confirm-block">
            <Say id={active ? "block.unblock" : "block.action"} />
          </Button>
        </>
      }
    >
      <CardSubject card={card} person={card} />
      {active && card.block_reason !== null && (
        <div className="note warn">
          <Icon name="info" />
          <div className="grow">
            <p className="med">
              <Say id="block.why" provider={provider} />
            </p>
            <p className="pick" dir="auto">
              <Say id="change.reason" reason={card.block_reason} />
            </p>
          </div>
        </div>
      )}
      <p className="c-2">
        <Say id={active ? "block.unblockText" : "block.text"} provider={provider} />
      </p>
      {!active && (
        <TextField
          className="field"
          value={reason}
          onChange={setReason}
          maxLength={REASON_CHARACTERS}
          isRequired
          autoFocus
          onKeyDown={(event) => {
            if (event.key === "Enter") submit();
            else event.continuePropagation();
          }}
        >
          <Label>
            <Say id="block.reason" />
          </Label>
          <Input className="input" dir="auto" autoComplete="off" data-testid="block-reason" />
          <Text slot="description" className="hint">
            <Say id="block.sent" provider={provider} left={REASON_CHARACTERS - reason.length} />
          </Text>
        </TextField>
      )}
    </Dialog>
  );
}

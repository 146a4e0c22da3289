/**
 * Verifies a card by money: a small amount is held and released at once. Asked for each time with a typed word; nothing of it
 * is queued or repeated, and what became of it is shown as the processor left it.
 */
import { useState } from "react";
import {
  Button as AriaButton,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Radio,
  RadioGroup,
  Select,
  SelectValue,
  Text,
  TextField,
} from "react-aria-components";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { ProblemNote, useProblemTexts } from "../../components/problem";
import { PanelSkeleton, useWaitedLong } from "../../components/skeleton";
import type { CardView, VerifyOffer } from "../../contract";
import { Say } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
import { CardSubject } from "./card-subject";
import { VerificationNote } from "./verification-note";

const REASON_CHARACTERS = 255;

export function VerifyDialog({ card, onClose }: { card: CardView; onClose: () => void }) {
  const offer = useRead("verify_offer", { card_id: card.id });
  const long = useWaitedLong(offer.isPending);
  if (offer.data) return <Ask card={card} offer={offer.data} onClose={onClose} />;
  return (
    <Dialog
      width={600}
      title={<Say id="verifyCard.title" />}
      onClose={onClose}
      testId="verify-dialog"
      footer={
        <>
          <span className="grow" />
          <Button size="l" autoFocus onPress={onClose}>
            <Say id="action.close" />
          </Button>
        </>
      }
    >
      <CardSubject card={card} person={card} />
      {offer.error && <ProblemNote problem={offer.error} />}
      {long && <PanelSkeleton />}
    </Dialog>
  );
}

function Ask({ card, offer, onClose }: { card: CardView; offer: VerifyOffer; onClose: () => void }) {
  const verify = useAct("verify_card", ["cards", "log"]);
  const texts = useProblemTexts();
  const [first] = offer.currencies;
  const [currency, setCurrency] = useState(first?.currency ?? "");
  const cap = offer.currencies.find((x) => x.currency === currency);
  const [amount, setAmount] = useState(first?.suggested ?? "");
  const [through, setThrough] = useState("token_authorize");
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const matches = typed.trim() === offer.confirmation;
  const ready = matches && amount.trim() !== "" && offer.blocked === null && !verify.isPending;
  const amountWords = verify.error?.field === "amount" ? texts(verify.error) : null;
  const submit = () => {
    if (!ready) return;
    // The word is typed for each one anew.
    setTyped("");
    verify.mutate({
      card_id: card.id,
      amount: amount.trim(),
      currency,
      through,
      confirmation: typed.trim(),
      reason: reason.trim() || null,
    });
  };
  const done = verify.data;
  const earlier = offer.earlier.filter((x) => x.id !== done?.id);
  // What is kept knows more than the answer: it may have been refunded since.
  const newest = offer.earlier.find((x) => x.id === done?.id) ?? done;
  return (
    <Dialog
      width={600}
      alert={offer.blocked === null && !done}
      title={<Say id="verifyCard.title" />}
      // An answer on its way is waited for: what became of the hold must be seen.
      onClose={verify.isPending ? () => {} : onClose}
      testId="verify-dialog"
      footer={
        <>
          <span className="grow" />
          <Button size="l" onPress={onClose} isDisabled={verify.isPending} autoFocus={offer.blocked !== null}>
            {done || offer.blocked ? <Say id="action.close" /> : <Say id="verifyCard.keep" />}
          </Button>
          {!offer.blocked && !done && (
            <Button
              size="l"
              kind="danger"
              icon="shield"
              isDisabled={!ready}
              onPress={submit}
              data-testid="confirm-verify"
            >
              {verify.isPending ? (
                <Say id="verifyCard.running" />
              ) : (
                <Say id="verifyCard.action" amount={amount.trim() || "…"} currency={currency} />
              )}
            </Button>
          )}
        </>
      }
    >
      <CardSubject card={card} person={card} />
      {newest && <VerificationNote done={newest} newest />}
      {offer.blocked && <ProblemNote problem={offer.blocked} level="warn" />}
      {!done && !offer.blocked && (
        <>
          <ul className="imp says">
            {offer.says.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
          <div className="pair even">
            <TextField
              className="field"
              value={amount}
              onChange={(next) => {
                setAmount(next);
                if (verify.error) verify.reset();
              }}
              isInvalid={amountWords !== null}
              inputMode="decimal"
            >
              <Label>
                <Say id="verifyCard.amount" />
              </Label>
              <Input className="input num" autoComplete="off" data-testid="verify-amount" />
              <Text slot="description" className="hint">
                {cap && <Say id="verifyCard.atMost" amount={cap.at_most} currency={cap.currency} />}
              </Text>
              <FieldError className="field-error">
                {amountWords && (
                  <>
                    <span className="med">{amountWords.title}</span> {amountWords.hint}
                  </>
                )}
              </FieldError>
            </TextField>
            <Select
              className="field"
              value={currency}
              onChange={(key) => {
                const next = offer.currencies.find((x) => x.currency === String(key));
                if (!next) return;
                setCurrency(next.currency);
                setAmount(next.suggested);
              }}
              data-testid="verify-currency"
            >
              <Label>
                <Say id="verifyCard.currency" />
              </Label>
              <AriaButton className="input">
                <SelectValue className="grow cut text-left" />
                <Icon name="down" size="s" />
              </AriaButton>
              <Popover className="pop">
                <ListBox className="menu">
                  {offer.currencies.map((x) => (
                    <ListBoxItem key={x.currency} id={x.currency} className="menu-item" textValue={x.currency}>
                      {x.currency}
                    </ListBoxItem>
                  ))}
                </ListBox>
              </Popover>
            </Select>
          </div>
          <RadioGroup className="field" value={through} onChange={setThrough}>
            <Label>
              <Say id="verifyCard.through" />
            </Label>
            <div className="choices">
              <Radio value="token_authorize" className="choice">
                <i aria-hidden="true" />
                <Say id="verifyCard.throughToken" />
              </Radio>
              <Radio value="authorize" className="choice">
                <i aria-hidden="true" />
                <Say id="verifyCard.throughAuthorize" />
              </Radio>
            </div>
          </RadioGroup>
          <div className="pair even">
            <TextField className="field" value={reason} onChange={setReason} maxLength={REASON_CHARACTERS}>
              <Label>
                <Say id="delete.reason" />
              </Label>
              <Input className="input" dir="auto" autoComplete="off" />
            </TextField>
            <TextField
              className="field"
              value={typed}
              onChange={setTyped}
              autoFocus
              onKeyDown={(event) => {
                if (event.key === "Enter") submit();
                else event.continuePropagation();
              }}
            >
              <Label>
                <Say id="verifyCard.type" text={offer.confirmation} />
              </Label>
              <div className="input-wrap">
                <Input className="input id" autoComplete="off" spellCheck={false} data-testid="verify-typed" />
                {matches && <Icon name="check" size="s" className="c-ok" />}
              </div>
            </TextField>
          </div>
          {verify.error && !amountWords && <ProblemNote problem={verify.error} />}
        </>
      )}
      {earlier.length > 0 && (
        <section aria-labelledby="earlier-title" className="earlier">
          <h2 id="earlier-title" className="h3 sect">
            <Say id="verifyCard.earlier" />
          </h2>
          {earlier.map((x) => (
            <VerificationNote key={x.id} done={x} />
          ))}
        </section>
      )}
    </Dialog>
  );
}

/** A page of the payment system on which the buyer enters new card details, to be copied or opened. */
import { Input, Label, TextField } from "react-aria-components";
import { Button } from "../../components/button";
import { CopyButton } from "../../components/copy";
import { Dialog } from "../../components/dialog";
import { ProblemNote } from "../../components/problem";
import type { CardView } from "../../contract";
import { Say, useText } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { CardSubject } from "./card-subject";

export function NewDetailsDialog({ card, onClose }: { card: CardView; onClose: () => void }) {
  const text = useText();
  const ask = useAct("ask_new_details", ["log"]);
  const open = useAct("open_page");
  const provider = card.account.provider_name;
  const page = ask.data;
  return (
    <Dialog
      width={560}
      title={<Say id="newDetails.title" />}
      onClose={ask.isPending ? () => {} : onClose}
      testId="new-details-dialog"
      footer={
        <>
          <span className="grow" />
          <Button size="l" onPress={onClose} isDisabled={ask.isPending}>
            {page ? <Say id="action.close" /> : <Say id="action.cancel" />}
          </Button>
          {page ? (
            <Button
              size="l"
              kind="primary"
              icon="portal"
              isDisabled={open.isPending}
              onPress={() => open.mutate({ url: page.url })}
              data-testid="open-page"
            >
              <Say id="newDetails.open" />
            </Button>
          ) : (
            <Button
              size="l"
              kind="primary"
              isDisabled={ask.isPending}
              onPress={() => ask.mutate({ card_id: card.id })}
              data-testid="make-page"
            >
              {ask.isPending ? <Say id="newDetails.making" /> : <Say id="newDetails.make" />}
            </Button>
          )}
        </>
      }
    >
      <CardSubject card={card} person={card} />
      {page ? (
        <>
          <TextField className="field" value={page.url} isReadOnly>
            <Label>
              <Say id="newDetails.page" />
            </Label>
            <div className="line-row">
              <Input className="input id" data-testid="page-url" onFocus={(event) => event.target.select()} />
              <CopyButton value={page.url} label={text("newDetails.copy")} />
            </div>
          </TextField>
          <p className="c-2">{page.says}</p>
        </>
      ) : (
        <p className="c-2">
          <Say id="newDetails.text" provider={provider} />
        </p>
      )}
      {ask.error && <ProblemNote problem={ask.error} />}
      {open.error && <ProblemNote problem={open.error} />}
    </Dialog>
  );
}

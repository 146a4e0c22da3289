/** Lets a hosted page's one-click record be forgotten, by the shop's own customer id. */
import { useState } from "react";
import { FieldError, Input, Label, Text, TextField } from "react-aria-components";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { ProblemNote, useProblemTexts } from "../../components/problem";
import type { AccountView } from "../../contract";
import { Say } from "../../messages/text";
import { useAct } from "../../platform/queries";

export function ForgetOneClickDialog({ account, onClose }: { account: AccountView; onClose: () => void }) {
  const forget = useAct("forget_one_click", ["cards", "log"]);
  const texts = useProblemTexts();
  const [id, setId] = useState("");
  const inField = forget.error?.field === "external_customer_id";
  const words = forget.error && inField ? texts(forget.error) : null;
  return (
    <Dialog
      width={500}
      title={<Say id="forget.title" />}
      onClose={forget.isPending ? () => {} : onClose}
      testId="forget-one-click-dialog"
      footer={
        <>
          <span className="grow" />
          <Button size="l" onPress={onClose} isDisabled={forget.isPending}>
            {forget.data ? <Say id="action.close" /> : <Say id="forget.keep" />}
          </Button>
          {!forget.data && (
            <Button
              size="l"
              kind="danger"
              type="submit"
              form="forget-form"
              isDisabled={id.trim() === "" || forget.isPending}
              data-testid="confirm-forget"
            >
              {forget.isPending ? <Say id="action.working" /> : <Say id="forget.action" />}
            </Button>
          )}
        </>
      }
    >
      {forget.data ? (
        <div className="note" role="status">
          <Icon name="check" className="c-ok" />
          <span className="grow">{forget.data.says}</span>
        </div>
      ) : (
        <>
          <p className="c-2">
            <Say id="forget.text" provider={account.provider_name} />
          </p>
          <form
            id="forget-form"
            onSubmit={(event) => {
              event.preventDefault();
              if (id.trim() !== "" && !forget.isPending)
                forget.mutate({ account_id: account.id, external_customer_id: id.trim() });
            }}
          >
            <TextField
              className="field"
              value={id}
              onChange={(next) => {
                setId(next);
                if (forget.error) forget.reset();
              }}
              isInvalid={words !== null}
              autoFocus
            >
              <Label>
                <Say id="forget.id" />
              </Label>
              <Input className="input id" autoComplete="off" spellCheck={false} data-testid="forget-id" />
              <Text slot="description" className="hint">
                <Say id="forget.idHint" provider={account.provider_name} />
              </Text>
              <FieldError className="field-error">
                {words && (
                  <>
                    <span className="med">{words.title}</span> {words.hint}
                  </>
                )}
              </FieldError>
            </TextField>
          </form>
          {forget.error && !inField && <ProblemNote problem={forget.error} />}
        </>
      )}
    </Dialog>
  );
}

/** Makes a token without card details at the payment system; the buyer fills it in later. */
import { useState } from "react";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import type { AccountView, FormField } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { useView } from "../shell/view";
import { DataField } from "./data-field";

const NAMES = ["customer_id", "email", "reference", "external_id"] as const;
type Name = (typeof NAMES)[number];

const WORDS: Record<Name, { label: MessageId; hint?: MessageId }> = {
  customer_id: { label: "createToken.customerId", hint: "createToken.customerId.hint" },
  email: { label: "createToken.email" },
  reference: { label: "createToken.reference", hint: "createToken.reference.hint" },
  external_id: { label: "createToken.externalId", hint: "createToken.externalId.hint" },
};

export function CreateTokenDialog({ account, onClose }: { account: AccountView; onClose: () => void }) {
  const view = useView();
  const text = useText();
  const create = useAct("create_token", ["cards", "accounts", "log"]);
  const [values, setValues] = useState<Partial<Record<Name, string>>>({});
  const value = (name: Name) => values[name]?.trim() || null;
  const field = (name: Name): FormField => ({
    name,
    label: text(WORDS[name].label),
    hint: WORDS[name].hint ? text(WORDS[name].hint) : "",
    example: "",
    secret: false,
    required: false,
    multiline: false,
    options: [],
    replaceable: false,
  });
  const made = create.data?.card;
  const inField = NAMES.some((x) => x === create.error?.field);
  return (
    <Dialog
      width={520}
      title={<Say id="createToken.title" account={account.label} />}
      onClose={create.isPending ? () => {} : onClose}
      testId="create-token-dialog"
      footer={
        made ? (
          <>
            <span className="grow" />
            <Button size="l" onPress={onClose}>
              <Say id="action.close" />
            </Button>
            <Button
              size="l"
              kind="primary"
              onPress={() => {
                onClose();
                view.showEnv(account.env);
                view.open(made.person);
              }}
              data-testid="open-created"
            >
              <Say id="createToken.show" />
            </Button>
          </>
        ) : (
          <>
            <span className="grow" />
            <Button size="l" onPress={onClose} isDisabled={create.isPending}>
              <Say id="action.cancel" />
            </Button>
            <Button
              size="l"
              kind="primary"
              type="submit"
              form="create-token-form"
              isDisabled={create.isPending}
              data-testid="confirm-create-token"
            >
              {create.isPending ? <Say id="action.working" /> : <Say id="createToken.action" />}
            </Button>
          </>
        )
      }
    >
      {made ? (
        <div className="note" role="status">
          <Icon name="check" className="c-ok" />
          <span className="grow">
            <Say id="createToken.done" provider={account.provider_name} token={made.remote_id} />
          </span>
        </div>
      ) : (
        <>
          <p className="c-2">
            <Say id="createToken.text" provider={account.provider_name} />
          </p>
          <form
            id="create-token-form"
            className="connect-form"
            onSubmit={(event) => {
              event.preventDefault();
              create.mutate({
                account_id: account.id,
                customer_id: value("customer_id"),
                email: value("email"),
                reference: value("reference"),
                external_id: value("external_id"),
              });
            }}
          >
            <div className="pair even">
              {NAMES.map((name, at) => (
                <DataField
                  key={name}
                  field={field(name)}
                  value={values[name] ?? ""}
                  onChange={(next) => {
                    setValues((old) => ({ ...old, [name]: next }));
                    if (create.error) create.reset();
                  }}
                  problem={create.error}
                  group="create"
                  autoFocus={at === 0}
                />
              ))}
            </div>
          </form>
          {create.error && !inField && <ProblemNote problem={create.error} />}
        </>
      )}
    </Dialog>
  );
}

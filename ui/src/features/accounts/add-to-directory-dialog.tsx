/** Adds one customer by hand, where the payment system lists none. */
import { useState } from "react";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { ProblemNote } from "../../components/problem";
import type { AccountView, FormField } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { DataField } from "./data-field";
import { TokensConfirmed } from "./tokens-confirmed";

type Name = "customer_id" | "email" | "name" | "token";

const LABELS: Record<Name, MessageId> = {
  customer_id: "directory.customerId",
  email: "directory.email",
  name: "directory.name",
  token: "directory.token",
};

export function AddToDirectoryDialog({ account, onClose }: { account: AccountView; onClose: () => void }) {
  const text = useText();
  const add = useAct("add_to_directory", ["accounts", "cards"]);
  const [values, setValues] = useState<Partial<Record<Name, string>>>({});
  const [confirmed, setConfirmed] = useState(false);
  const names: Name[] = ["customer_id", "email", "name", ...(account.imports_tokens ? (["token"] as const) : [])];
  const value = (name: Name) => values[name]?.trim() || null;
  const asks = add.data?.tokens_to_confirm ?? null;
  const refused = add.data?.refused[0];
  const known = add.data !== undefined && add.data.same > 0;
  // Where tokens are imported, a token without a customer id is one too.
  const ready = value(account.imports_tokens ? "token" : "customer_id") !== null;
  const field = (name: Name): FormField => ({
    name,
    label: text(LABELS[name]),
    hint: name === "customer_id" ? text("directory.customerId.hint") : "",
    example: "",
    secret: false,
    required: name === (account.imports_tokens ? "token" : "customer_id"),
    multiline: false,
    options: [],
    replaceable: false,
  });
  const submit = () => {
    if (!ready || add.isPending || (asks !== null && !confirmed)) return;
    add.mutate(
      {
        account_id: account.id,
        customer_id: value("customer_id") ?? "",
        email: value("email"),
        name: value("name"),
        token: account.imports_tokens ? value("token") : null,
        tokens_confirmed: confirmed,
      },
      { onSuccess: (done) => done.new + done.changed > 0 && onClose() },
    );
  };
  return (
    <Dialog
      width={500}
      title={<Say id="directory.add.title" account={account.label} />}
      onClose={add.isPending ? () => {} : onClose}
      testId="directory-add-dialog"
      footer={
        <>
          <span className="grow" />
          <Button size="l" onPress={onClose} isDisabled={add.isPending}>
            <Say id="action.cancel" />
          </Button>
          <Button
            size="l"
            kind="primary"
            type="submit"
            form="directory-add-form"
            isDisabled={!ready || add.isPending || (asks !== null && !confirmed)}
            data-testid="confirm-directory-add"
          >
            {add.isPending ? <Say id="action.working" /> : <Say id="directory.add.action" />}
          </Button>
        </>
      }
    >
      <form
        id="directory-add-form"
        className="connect-form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {names.map((name, at) => (
          <DataField
            key={name}
            field={field(name)}
            value={values[name] ?? ""}
            onChange={(next) => {
              setValues((old) => ({ ...old, [name]: next }));
              if (name === "token") setConfirmed(false);
              if (add.error || add.data) add.reset();
            }}
            problem={add.error}
            group="directory"
            autoFocus={at === 0}
          />
        ))}
      </form>
      {asks !== null && <TokensConfirmed n={asks} checked={confirmed} onChange={setConfirmed} />}
      {known && (
        <p className="c-2" role="status">
          <Say id="directory.add.known" />
        </p>
      )}
      {refused && (
        <p className="c-danger" role="alert">
          {refused.says}
        </p>
      )}
      {add.error && !names.some((x) => x === add.error?.field) && <ProblemNote problem={add.error} />}
    </Dialog>
  );
}

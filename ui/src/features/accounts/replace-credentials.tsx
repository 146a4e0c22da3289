/**
 * Gives an account other credentials. The host proves with them that the same scope answers before the old ones go. They
 * are held here only until that answer: neither a cache nor the form keeps them.
 */

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import type { AccountView, Problem } from "../../contract";
import { Say } from "../../messages/text";
import { asProblem } from "../../platform/platform";
import { refetch, usePlatform, useRead } from "../../platform/queries";
import { DataField } from "./data-field";

const PROVEN_BY = 3;

/** The members of the request that fields fill. */
type Member = "user" | "key" | "publishable_key";

export interface ReplaceCredentialsProps {
  account: AccountView;
  secrets: string;
  onClose: () => void;
  onReplaced: () => void;
}

export function ReplaceCredentials({ account, secrets, onClose, onReplaced }: ReplaceCredentialsProps) {
  const platform = usePlatform();
  const client = useQueryClient();
  const options = useRead("provider_options", {});
  const fields = options.data?.items.find((x) => x.provider === account.provider)?.fields ?? [];
  const asked = fields.filter((x) => x.replaceable);
  const [values, setValues] = useState<Partial<Record<Member, string>>>({ user: account.user });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const keyField = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const value = (name: string) => values[name as Member]?.trim() ?? "";
  const filled = asked.length > 0 && asked.every((x) => !x.required || value(x.name) !== "");

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!filled || busy) return;
    setBusy(true);
    setProblem(null);
    let refused: Problem | null = null;
    try {
      await platform.call("replace_credentials", {
        account_id: account.id,
        user: value("user"),
        key: value("key"),
        publishable_key: value("publishable_key") || null,
      });
    } catch (error) {
      refused = asProblem(error);
    }
    setValues(({ user }) => ({ user }));
    await refetch(client, ["accounts", "status", "changes"]);
    setBusy(false);
    setProblem(refused);
    if (refused) keyField.current?.focus();
    else onReplaced();
  };

  return (
    <Dialog
      width={520}
      title={<Say id="credentials.title" account={account.label} />}
      // An answer on its way is waited for: a refusal must be seen.
      onClose={busy ? () => {} : onClose}
      testId="credentials-dialog"
      footer={
        <>
          <span className="grow" />
          <Button size="l" isDisabled={busy} onPress={onClose}>
            <Say id="credentials.keep" />
          </Button>
          <Button
            size="l"
            kind="primary"
            type="submit"
            form="credentials-form"
            isDisabled={!filled || busy}
            data-testid="credentials-submit"
          >
            {busy ? <Say id="credentials.proving" /> : <Say id="credentials.action" />}
          </Button>
        </>
      }
    >
      <dl className="what">
        <dt>
          <Say id="credentials.proven" />
        </dt>
        <dd>
          <Say id="credentials.proven.text" about={account.about} n={Math.min(PROVEN_BY, account.cards)} />
        </dd>
        <dt>
          <Say id="credentials.refused" />
        </dt>
        <dd>
          <Say id="credentials.refused.text" />
        </dd>
        <dt>
          <Say id="remove.stays" />
        </dt>
        <dd>
          <Say id="credentials.stays.text" n={account.open_changes} />
        </dd>
      </dl>
      <form id="credentials-form" className="connect-form" onSubmit={submit}>
        {asked.map((field) => (
          <DataField
            key={field.name}
            field={field}
            value={values[field.name as Member] ?? ""}
            onChange={(next) => setValues((old) => ({ ...old, [field.name]: next }))}
            problem={problem}
            group="credentials"
            autoFocus={field.name === "key"}
            inputRef={field.name === "key" ? keyField : undefined}
          />
        ))}
        <p className="hint">
          <Say id="connect.keyHint" where={secrets} />
        </p>
        {options.error && <ProblemNote problem={options.error} />}
        {problem && !asked.some((x) => x.name === problem.field) && <ProblemNote problem={problem} />}
      </form>
    </Dialog>
  );
}

/** Said on the account's page after its key was replaced. */
export function ReplacedNote({ account, onClose }: { account: AccountView; onClose: () => void }) {
  return (
    <div className="note" role="status" data-testid="credentials-replaced">
      <Icon name="check" className="c-ok" />
      <span className="grow">
        <Say id="credentials.done" account={account.label} about={account.about} />
      </span>
      <Button kind="link" className="f12" onPress={onClose}>
        <Say id="action.close" />
      </Button>
    </div>
  );
}

/**
 * Gives an account another key. The host proves with it that the same space answers before the old one goes. The key is
 * held here only until that answer: neither a cache nor the form keeps it.
 */

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { FieldError, Input, Label, Text, TextField } from "react-aria-components";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { ProblemNote, useProblemTexts } from "../../components/problem";
import type { AccountView, Problem } from "../../contract";
import { Say } from "../../messages/text";
import { asProblem } from "../../platform/platform";
import { refetch, usePlatform } from "../../platform/queries";

const PROVEN_BY = 3;

export interface ReplaceCredentialsProps {
  account: AccountView;
  secrets: string;
  onClose: () => void;
  onReplaced: () => void;
}

export function ReplaceCredentials({ account, secrets, onClose, onReplaced }: ReplaceCredentialsProps) {
  const platform = usePlatform();
  const client = useQueryClient();
  const [user, setUser] = useState(account.user);
  const [key, setKey] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const keyField = useRef<HTMLInputElement>(null);
  const filled = user.trim() !== "" && key.trim() !== "";

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!filled || busy) return;
    setBusy(true);
    setProblem(null);
    let refused: Problem | null = null;
    try {
      await platform.call("replace_credentials", { account_id: account.id, user: user.trim(), key: key.trim() });
    } catch (error) {
      refused = asProblem(error);
    }
    setKey("");
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
          <Say
            id="credentials.proven.text"
            provider={account.provider_name}
            space={account.space}
            n={Math.min(PROVEN_BY, account.cards)}
          />
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
        <Field name="user" value={user} onChange={setUser} problem={problem} />
        <Field name="key" value={key} onChange={setKey} problem={problem} secrets={secrets} field={keyField} />
        {problem && !["user", "key"].includes(problem.field ?? "") && <ProblemNote problem={problem} />}
      </form>
    </Dialog>
  );
}

interface FieldProps {
  name: "user" | "key";
  value: string;
  onChange: (value: string) => void;
  problem: Problem | null;
  /** Where the key goes; only for the key. */
  secrets?: string;
  field?: React.RefObject<HTMLInputElement | null>;
}

function Field({ name, value, onChange, problem, secrets, field }: FieldProps) {
  const texts = useProblemTexts();
  const words = problem?.field === name ? texts(problem) : null;
  return (
    <TextField
      className="field"
      value={value}
      onChange={onChange}
      isInvalid={words !== null}
      type={name === "key" ? "password" : "text"}
      autoFocus={name === "key"}
    >
      <Label>
        <Say id={name === "key" ? "connect.key" : "connect.user"} />
      </Label>
      <Input
        ref={field}
        className="input id"
        autoComplete={name === "key" ? "new-password" : "off"}
        autoCorrect="off"
        autoCapitalize="off"
        spellCheck={false}
        data-testid={`credentials-${name}`}
      />
      {secrets !== undefined && (
        <Text slot="description" className="hint">
          <Say id="connect.keyHint" where={secrets} />
        </Text>
      )}
      <FieldError className="field-error">
        {words && (
          <>
            <span className="med">{words.title}</span> {words.hint}
          </>
        )}
      </FieldError>
    </TextField>
  );
}

/** Said on the account's page after its key was replaced. */
export function ReplacedNote({ account, onClose }: { account: AccountView; onClose: () => void }) {
  return (
    <div className="note" role="status" data-testid="credentials-replaced">
      <Icon name="check" className="c-ok" />
      <span className="grow">
        <Say id="credentials.done" account={account.label} space={account.space} />
      </span>
      <Button kind="link" className="f12" onPress={onClose}>
        <Say id="action.close" />
      </Button>
    </div>
  );
}

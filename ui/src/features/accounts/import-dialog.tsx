/**
 * Imports customers from a file or from what is pasted. It is tried first, and nothing is stored until the report of every
 * line has been seen. The text is held here only as long as the dialog is open.
 */
import { useRef, useState } from "react";
import { FileTrigger, Label, Text, TextArea, TextField } from "react-aria-components";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import type { AccountView, DirectoryColumns, Imported } from "../../contract";
import { Say, useText } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { columnsSuffice, ImportColumns } from "./import-columns";
import { ImportReport } from "./import-report";
import { TokensConfirmed } from "./tokens-confirmed";

interface Source {
  name: string | null;
  text: string;
}

export function ImportDialog({ account, onClose }: { account: AccountView; onClose: () => void }) {
  const text = useText();
  const trial = useAct("import_directory");
  const store = useAct("import_directory", ["accounts", "cards", "log"]);
  const [source, setSource] = useState<Source | null>(null);
  const [pasted, setPasted] = useState("");
  const [columns, setColumns] = useState<DirectoryColumns | null>(null);
  /** So many values in the token column could be card numbers. */
  const [asks, setAsks] = useState<number | null>(null);
  const [confirmed, setConfirmed] = useState(false);
  const [unreadable, setUnreadable] = useState(false);
  // An answer to an earlier text is no answer to this one.
  const turn = useRef(0);

  const attempt = (next: Source, by: DirectoryColumns | null, looked = false) => {
    setSource(next);
    setColumns(by);
    setConfirmed(looked);
    if (!looked) setAsks(null);
    store.reset();
    turn.current += 1;
    trial.mutate(
      { account_id: account.id, text: next.text, columns: by, tokens_confirmed: looked, dry_run: true },
      // Confirmed, the lines are told; that somebody was asked stays on screen.
      { onSuccess: (told) => told.tokens_to_confirm !== null && setAsks(told.tokens_to_confirm) },
    );
  };
  const choose = async (files: FileList | null) => {
    const file = files?.[0];
    if (!file) return;
    setUnreadable(false);
    turn.current += 1;
    const mine = turn.current;
    try {
      const read = await file.text();
      if (turn.current === mine) attempt({ name: file.name, text: read }, null);
    } catch {
      if (turn.current === mine) setUnreadable(true);
    }
  };
  const again = () => {
    turn.current += 1;
    setSource(null);
    setColumns(null);
    setAsks(null);
    setConfirmed(false);
    trial.reset();
    store.reset();
  };

  const report = trial.data;
  const usable = report !== undefined && columnsSuffice(report.columns, account.imports_tokens);
  const writes = report ? report.new + report.changed : 0;
  const ready = usable && writes > 0 && report.tokens_to_confirm === null && !store.isPending && !trial.isPending;
  const done = store.data && store.data.tokens_to_confirm === null ? store.data : null;

  return (
    <Dialog
      width={680}
      title={<Say id="import.title" account={account.label} />}
      onClose={store.isPending ? () => {} : onClose}
      testId="import-dialog"
      footer={
        <>
          {source && !done && (
            <Button size="l" onPress={again} isDisabled={store.isPending}>
              <Say id="import.again" />
            </Button>
          )}
          <span className="grow" />
          <Button size="l" onPress={onClose} isDisabled={store.isPending} autoFocus={done !== null}>
            {done ? <Say id="action.close" /> : <Say id="action.cancel" />}
          </Button>
          {!source && (
            <Button
              size="l"
              kind="primary"
              isDisabled={pasted.trim() === ""}
              onPress={() => attempt({ name: null, text: pasted }, null)}
              data-testid="import-look"
            >
              <Say id="import.look" />
            </Button>
          )}
          {source && !done && (
            <Button
              size="l"
              kind="primary"
              isDisabled={!ready}
              onPress={() =>
                store.mutate({
                  account_id: account.id,
                  text: source.text,
                  columns,
                  tokens_confirmed: confirmed,
                  dry_run: false,
                })
              }
              data-testid="import-store"
            >
              {store.isPending ? <Say id="import.storing" /> : <Say id="import.store" n={writes} />}
            </Button>
          )}
        </>
      }
    >
      {done ? (
        <Done done={done} account={account} />
      ) : source === null ? (
        <>
          <p className="c-2">
            <Say id="import.text" tokens={account.imports_tokens ? "yes" : "no"} />
          </p>
          <div className="line-row">
            <FileTrigger acceptedFileTypes={[".csv", ".txt", "text/csv"]} onSelect={(files) => void choose(files)}>
              <Button icon="file" size="l" data-testid="import-file">
                <Say id="import.choose" />
              </Button>
            </FileTrigger>
            <span className="c-3">
              <Say id="import.orPaste" />
            </span>
          </div>
          {unreadable && (
            <p className="c-danger" role="alert">
              <Say id="import.unreadable" />
            </p>
          )}
          <TextField className="field" value={pasted} onChange={setPasted}>
            <Label>
              <Say id="import.pasted" />
            </Label>
            <TextArea
              className="input area id"
              rows={7}
              placeholder={text(account.imports_tokens ? "import.exampleTokens" : "import.example")}
              autoComplete="off"
              spellCheck={false}
              data-testid="import-text"
            />
            <Text slot="description" className="hint">
              <Say id="import.kept" />
            </Text>
          </TextField>
        </>
      ) : (
        <>
          <p className="line-row">
            <Icon name="file" size="s" className="c-3" />
            <span className="med cut">{source.name ?? <Say id="import.fromText" />}</span>
            {trial.isPending && (
              <span className="c-2">
                <Say id="import.looking" />
              </span>
            )}
          </p>
          {trial.error && <ProblemNote problem={trial.error} />}
          {report && (
            <ImportColumns
              key={report.header.join("\n")}
              report={report}
              tokens={account.imports_tokens}
              chosen={columns}
              onChange={(by) => attempt(source, by)}
            />
          )}
          {report && usable && report.tokens_to_confirm === null && <ImportReport report={report} />}
          {asks !== null && (
            <TokensConfirmed n={asks} checked={confirmed} onChange={(looked) => attempt(source, columns, looked)} />
          )}
          {store.error && <ProblemNote problem={store.error} />}
        </>
      )}
    </Dialog>
  );
}

function Done({ done, account }: { done: Imported; account: AccountView }) {
  return (
    <>
      <div className="note" role="status" data-testid="import-done">
        <Icon name="check" className="c-ok" />
        <div className="grow">
          <p className="med">
            <Say id="import.done" n={done.new} changed={done.changed} />
          </p>
          <p className="c-2">
            <Say
              id="import.done.next"
              provider={account.provider_name}
              tokens={account.imports_tokens ? "yes" : "no"}
            />
          </p>
        </div>
      </div>
      {done.refused.length + done.duplicates.length > 0 && <ImportReport report={done} />}
    </>
  );
}

/**
 * The ledger is older than the one last used here: somebody put back a copy. What is known to be missing is said, and
 * nothing is sent until a person has chosen.
 */
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { useTimes } from "../../components/time";
import { Say } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { useView } from "./view";

export function OlderLedgerBanner() {
  const view = useView();
  const older = view.status.older_ledger;
  if (!older) return null;
  return (
    <div className="banner warn" role="status" data-testid="older-ledger-banner">
      <Icon name="alert" />
      <span className="grow">
        <Say id="older.banner" n={older.missing_rows} />
      </span>
      <Button size="s" onPress={() => view.askLedger(true)}>
        <Say id="older.choose" />
      </Button>
    </div>
  );
}

export function OlderLedgerDialog() {
  const view = useView();
  const times = useTimes();
  const accept = useAct("accept_older_ledger", ["status", "changes", "cards", "accounts", "log"]);
  const older = view.status.older_ledger;
  if (!older || !view.askingLedger) return null;
  const { open_changes: open } = older;
  const answer = (discard_changes: boolean) => {
    if (!accept.isPending) accept.mutate({ discard_changes });
  };
  return (
    <Dialog
      alert
      width={620}
      title={<Say id="older.title" />}
      onClose={() => view.askLedger(false)}
      testId="older-ledger"
      footer={
        <>
          <Button size="l" autoFocus onPress={() => view.askLedger(false)}>
            <Say id="older.later" />
          </Button>
          <span className="grow" />
          {open > 0 && (
            <Button size="l" kind="danger-quiet" onPress={() => answer(true)} data-testid="older-discard">
              <Say id="older.discard" n={open} />
            </Button>
          )}
          <Button size="l" kind="primary" onPress={() => answer(false)} data-testid="older-keep">
            {open > 0 ? <Say id="older.keep" n={open} /> : <Say id="older.goOn" />}
          </Button>
        </>
      }
    >
      <p>
        <Say id="older.text" />
      </p>
      <dl className="what">
        <dt>
          <Say id="older.missing" />
        </dt>
        <dd>
          <Say id="older.missing.text" n={older.missing_rows} />
        </dd>
        {older.ends_at && (
          <>
            <dt>
              <Say id="older.ends" />
            </dt>
            <dd>
              <time dateTime={older.ends_at}>{times.exact(older.ends_at)}</time>
            </dd>
          </>
        )}
        {older.known_until && (
          <>
            <dt>
              <Say id="older.known" />
            </dt>
            <dd>
              <time dateTime={older.known_until}>{times.exact(older.known_until)}</time>
            </dd>
          </>
        )}
        <dt>
          <Say id="older.open" />
        </dt>
        <dd>
          <Say id="older.open.text" n={open} />
        </dd>
      </dl>
      {open > 0 && (
        <dl className="what">
          <dt>
            <Say id="older.ifKept" />
          </dt>
          <dd>
            <Say id="older.ifKept.text" />
          </dd>
          <dt>
            <Say id="older.ifDiscarded" />
          </dt>
          <dd>
            <Say id="older.ifDiscarded.text" />
          </dd>
        </dl>
      )}
      <p className="hint">
        <Say id="older.until" />
      </p>
      {accept.error && <ProblemNote problem={accept.error} />}
    </Dialog>
  );
}

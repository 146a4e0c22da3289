/** How an account stands: its reading, its last test, what may be done through it. */
import { type ReactNode, useState } from "react";
import { Button } from "../../components/button";
import { Confirm } from "../../components/dialog";
import { Flip } from "../../components/flip";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { useTimes } from "../../components/time";
import type { AccountView, CheckResult, Problem } from "../../contract";
import { Say, useText } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { useView } from "../shell/view";
import { CapabilityTable } from "./capability-table";
import { CheckLines } from "./check-lines";
import { ProgressLine } from "./progress-line";
import { ReplacedNote } from "./replace-credentials";

export interface AccountOverviewProps {
  account: AccountView;
  check: { result: CheckResult | null; problem: Problem | null; forget: () => void };
  /** Its key was replaced just now. */
  replaced: { yes: boolean; close: () => void; again: () => void };
  onResume: () => void;
}

export function AccountOverview({ account, check, replaced, onResume }: AccountOverviewProps) {
  const view = useView();
  return (
    <>
      {account.paused && (
        <ProblemNote problem={account.paused}>
          {account.paused.code === "credentials_rejected" && (
            <Button icon="key" onPress={replaced.again}>
              <Say id="credentials.open" />
            </Button>
          )}
        </ProblemNote>
      )}
      {account.paused_by_person && (
        <div className="note" role="status">
          <Icon name="pause" />
          <span className="grow">
            <Say id="account.pausedText" n={account.open_changes} />
          </span>
          <Button size="s" icon="play" onPress={onResume}>
            <Say id="account.resume" />
          </Button>
        </div>
      )}
      {account.directory === 0 && (
        <div className="note warn">
          <Icon name="info" />
          <span className="grow">
            <Say id="directory.needed" provider={account.provider_name} />
          </span>
          <Button size="s" icon="file" onPress={() => view.showAccount(account.id, "directory")}>
            <Say id="directory.go" />
          </Button>
        </div>
      )}
      {replaced.yes && !account.paused && <ReplacedNote account={account} onClose={replaced.close} />}
      {check.problem && <ProblemNote problem={check.problem} onClose={check.forget} />}
      {account.last_problem && !account.paused && <ProblemNote problem={account.last_problem} level="warn" />}
      <Reading account={account} />
      {check.result && <CheckLines result={check.result} />}
      <Rules account={account} />
      <CapabilityTable account={account} />
    </>
  );
}

function Reading({ account }: { account: AccountView }) {
  const times = useTimes();
  const start = useAct("start_sync", ["accounts", "status"]);
  const stop = useAct("stop_sync", ["accounts", "status"]);
  const pass = account.last_pass;
  const resting = account.paused !== null || account.paused_by_person;
  return (
    <>
      <div className="read-bar">
        {account.progress ? (
          <div className="grow">
            <ProgressLine progress={account.progress} />
          </div>
        ) : (
          <div className="read-line f12 grow">
            <Icon name="clock" size="s" />
            {pass ? (
              <span title={times.exact(pass.started_at)}>
                <Say
                  id="account.lastPass"
                  at={times.at(pass.started_at)}
                  ago={times.ago(pass.started_at)}
                  cards={pass.cards}
                />
              </span>
            ) : (
              <span className="c-warn">
                <Say id="account.neverRead" />
              </span>
            )}
            {account.unfinished_pass && (
              <span className="c-warn">
                <Say id="account.unfinished" />
              </span>
            )}
          </div>
        )}
        {account.progress ? (
          <Button size="s" icon="pause" onPress={() => stop.mutate({ account_id: account.id })} data-testid="stop-sync">
            <Say id="sync.stop" />
          </Button>
        ) : (
          <Button
            size="s"
            icon="refresh"
            isDisabled={start.isPending || resting}
            onPress={() => start.mutate({ account_id: account.id, full: !account.unfinished_pass })}
            data-testid="sync-account"
          >
            {account.unfinished_pass ? <Say id="sync.goOn" /> : <Say id="sync.start" />}
          </Button>
        )}
      </div>
      {start.error && <ProblemNote problem={start.error} level="warn" onClose={start.reset} />}
    </>
  );
}

/** What people have decided for this account. */
function Rules({ account }: { account: AccountView }) {
  const text = useText();
  const readOnly = useAct("set_read_only", ["accounts", "cards"]);
  const allow = useAct("allow_verification", ["accounts", "cards"]);
  const [asking, setAsking] = useState(false);
  const { verification_allowed: verifies } = account;
  const setVerifies = (allowed: boolean) =>
    allow.mutate({ account_id: account.id, allowed }, { onSuccess: () => setAsking(false) });
  return (
    <section aria-labelledby="rules-title">
      <h2 id="rules-title" className="h3 sect">
        <Say id="rules.title" />
      </h2>
      <table className="table cap">
        <tbody>
          <Rule
            name={<Say id="rules.changes" />}
            control={
              <Flip
                on={!account.read_only}
                label={text("rules.changesLabel", { account: account.label })}
                word={text(account.read_only ? "rules.readOnly" : "rules.allowed")}
                pending={readOnly.isPending}
                blocked={null}
                onFlip={(allowed) => readOnly.mutate({ account_id: account.id, read_only: !allowed })}
                testId="read-only"
              />
            }
          >
            <Say
              id={account.read_only ? "rules.readOnly.text" : "rules.allowed.text"}
              provider={account.provider_name}
              n={account.open_changes}
            />
            {readOnly.error && <ProblemNote problem={readOnly.error} onClose={readOnly.reset} />}
          </Rule>
          {verifies !== null && (
            <Rule
              name={<Say id="rules.verify" />}
              control={
                <Flip
                  on={verifies}
                  label={text("rules.verifyLabel", { account: account.label })}
                  word={text(verifies ? "rules.allowed" : "rules.off")}
                  pending={allow.isPending}
                  blocked={null}
                  onFlip={(on) => (on && account.env === "live" ? setAsking(true) : setVerifies(on))}
                  testId="allow-verification"
                />
              }
            >
              <Say id={verifies ? "rules.verify.on" : "rules.verify.off"} />
              {allow.error && !asking && <ProblemNote problem={allow.error} onClose={allow.reset} />}
            </Rule>
          )}
        </tbody>
      </table>
      {asking && (
        <Confirm
          title={<Say id="allowVerify.title" account={account.label} />}
          action={<Say id="allowVerify.action" />}
          keep={<Say id="allowVerify.keep" />}
          busy={allow.isPending}
          problem={allow.error}
          onClose={() => setAsking(false)}
          onConfirm={() => setVerifies(true)}
          testId="confirm-allow-verification"
        >
          <p>
            <Say id="allowVerify.text" />
          </p>
        </Confirm>
      )}
    </section>
  );
}

function Rule({ name, control, children }: { name: ReactNode; control: ReactNode; children: ReactNode }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{control}</td>
      <td className="c-2">{children}</td>
    </tr>
  );
}

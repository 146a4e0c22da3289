import { useState } from "react";
import { Button } from "../../components/button";
import { Confirm } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { useTimes } from "../../components/time";
import type { AccountView } from "../../contract";
import { Say } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { EnvMark } from "../shell/strip";
import { useView } from "../shell/view";
import { CapabilityTable } from "./capability-table";
import { CheckLines } from "./check-lines";
import { ProgressLine } from "./progress-line";
import { ReplaceCredentials, ReplacedNote } from "./replace-credentials";

export function AccountPage({ account }: { account: AccountView }) {
  const check = useAct("check_account", ["accounts"]);
  const start = useAct("start_sync", ["accounts", "status"]);
  const stop = useAct("stop_sync", ["accounts", "status"]);
  const view = useView();
  const [removing, setRemoving] = useState(false);
  const [replacing, setReplacing] = useState(false);
  const [replaced, setReplaced] = useState(false);
  const result = check.data ?? account.last_check;
  return (
    <section className="det" aria-labelledby="account-title" data-scroll>
      <div className="dh">
        <div className="line-row grow">
          <h1 id="account-title" className="cut">
            <span dir="auto">{account.label}</span>
          </h1>
          <EnvMark env={account.env} />
        </div>
        <Button
          icon="plug"
          isDisabled={check.isPending}
          onPress={() => check.mutate({ account_id: account.id })}
          data-testid="check-account"
        >
          {check.isPending ? <Say id="connect.testing" /> : <Say id="connect.test" />}
        </Button>
        {account.progress ? (
          <Button icon="pause" onPress={() => stop.mutate({ account_id: account.id })} data-testid="stop-sync">
            <Say id="sync.stop" />
          </Button>
        ) : (
          <Button
            icon="refresh"
            isDisabled={start.isPending}
            onPress={() => start.mutate({ account_id: account.id, full: !account.unfinished_pass })}
            data-testid="sync-account"
          >
            {account.unfinished_pass ? <Say id="sync.goOn" /> : <Say id="sync.start" />}
          </Button>
        )}
        {!account.built_in_demo && (
          <Button icon="key" onPress={() => setReplacing(true)} data-testid="replace-credentials">
            <Say id="credentials.open" />
          </Button>
        )}
        <Button kind="danger-quiet" icon="trash" onPress={() => setRemoving(true)} data-testid="remove-account">
          <Say id="account.remove" />
        </Button>
        <div className="where c-2 pick">
          {account.built_in_demo ? (
            <Say id="account.builtIn" provider={account.provider_name} />
          ) : (
            <Say
              id="account.where"
              provider={account.provider_name}
              host={account.host.replace(/^https:\/\//, "")}
              space={account.space}
              user={account.user}
            />
          )}
        </div>
      </div>
      {account.paused && (
        <ProblemNote problem={account.paused}>
          {account.paused.code === "credentials_rejected" && (
            <Button icon="key" onPress={() => setReplacing(true)}>
              <Say id="credentials.open" />
            </Button>
          )}
        </ProblemNote>
      )}
      {replaced && !account.paused && <ReplacedNote account={account} onClose={() => setReplaced(false)} />}
      {check.error && <ProblemNote problem={check.error} onClose={check.reset} />}
      {start.error && <ProblemNote problem={start.error} level="warn" onClose={start.reset} />}
      {account.last_problem && !account.paused && <ProblemNote problem={account.last_problem} level="warn" />}
      <Reading account={account} />
      {result && <CheckLines result={result} />}
      <CapabilityTable account={account} />
      {removing && <RemoveAccount account={account} onClose={() => setRemoving(false)} />}
      {replacing && (
        <ReplaceCredentials
          account={account}
          secrets={view.status.secrets}
          onClose={() => setReplacing(false)}
          onReplaced={() => {
            setReplacing(false);
            setReplaced(true);
          }}
        />
      )}
    </section>
  );
}

function Reading({ account }: { account: AccountView }) {
  const times = useTimes();
  if (account.progress) return <ProgressLine progress={account.progress} />;
  const pass = account.last_pass;
  return (
    <div className="read-line f12">
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
  );
}

function RemoveAccount({ account, onClose }: { account: AccountView; onClose: () => void }) {
  const view = useView();
  const remove = useAct("remove_account", ["status", "accounts", "cards", "changes"]);
  const open = account.open_changes;
  if (open > 0) {
    return (
      <Confirm
        title={<Say id="remove.title" account={account.label} />}
        action={<Say id="remove.showChanges" />}
        keep={<Say id="remove.keep" />}
        busy={false}
        problem={null}
        onClose={onClose}
        onConfirm={() => {
          onClose();
          view.showEnv(account.env);
          view.go("changes");
        }}
      >
        <p>
          <Say id="remove.blocked" n={open} />
        </p>
      </Confirm>
    );
  }
  return (
    <Confirm
      danger
      title={<Say id="remove.title" account={account.label} />}
      action={<Say id="remove.action" />}
      keep={<Say id="remove.keep" />}
      busy={remove.isPending}
      problem={remove.error}
      onClose={onClose}
      onConfirm={() =>
        remove.mutate(
          { account_id: account.id },
          {
            onSuccess: () => {
              view.showAccount(null);
              onClose();
            },
          },
        )
      }
      testId="confirm-remove"
    >
      <dl className="what">
        <dt>
          <Say id="remove.deleted" />
        </dt>
        <dd>
          <Say id="remove.deleted.text" n={account.cards} />
        </dd>
        <dt>
          <Say id="remove.stays" />
        </dt>
        <dd>
          <Say id="remove.stays.text" />
        </dd>
        <dt>
          <Say id="delete.untouched" />
        </dt>
        <dd>
          <Say id="remove.untouched.text" provider={account.provider_name} />
        </dd>
      </dl>
    </Confirm>
  );
}

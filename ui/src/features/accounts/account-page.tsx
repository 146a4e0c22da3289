/** One account: how it stands, what it may do, and its own pages (customers imported, test bench). */
import { type ReactNode, useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import type { AccountView } from "../../contract";
import { Say, useText } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { BenchPage } from "../bench/bench-page";
import { EnvMark } from "../shell/strip";
import { type AccountPart, useView } from "../shell/view";
import { AccountMenu } from "./account-menu";
import { AccountOverview } from "./account-overview";
import { DirectoryPage } from "./directory-page";
import { ReplaceCredentials } from "./replace-credentials";

export function AccountPage({ account }: { account: AccountView }) {
  const view = useView();
  const check = useAct("check_account", ["accounts"]);
  const pause = useAct("pause_account", ["accounts", "status", "changes"]);
  const [replacing, setReplacing] = useState(false);
  const [replaced, setReplaced] = useState(false);
  const part = parts(account).includes(view.accountPart) ? view.accountPart : "overview";
  return (
    <section className="det" aria-labelledby="account-title" data-scroll>
      <div className="dh">
        <div className="line-row grow">
          <h1 id="account-title" className="whole">
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
        {!account.built_in_demo && (
          <Button icon="key" onPress={() => setReplacing(true)} data-testid="replace-credentials">
            <Say id="credentials.open" />
          </Button>
        )}
        <Button
          icon={account.paused_by_person ? "play" : "pause"}
          isDisabled={pause.isPending}
          onPress={() => pause.mutate({ account_id: account.id, paused: !account.paused_by_person })}
          data-testid="pause-account"
        >
          <Say id={account.paused_by_person ? "account.resume" : "account.pause"} />
        </Button>
        <AccountMenu account={account} />
        <div className="where c-2 pick">
          {account.built_in_demo ? (
            <Say id="account.builtIn" provider={account.provider_name} />
          ) : (
            <Say
              id="account.where"
              about={account.about}
              host={account.host.replace(/^https:\/\//, "")}
              user={account.user || "none"}
            />
          )}
        </div>
      </div>
      {pause.error && <ProblemNote problem={pause.error} onClose={pause.reset} />}
      {parts(account).length > 1 && <Parts account={account} part={part} />}
      {part === "overview" && (
        <AccountOverview
          account={account}
          check={{ result: check.data ?? account.last_check, problem: check.error, forget: check.reset }}
          replaced={{ yes: replaced, close: () => setReplaced(false), again: () => setReplacing(true) }}
          onResume={() => pause.mutate({ account_id: account.id, paused: false })}
        />
      )}
      {part === "directory" && <DirectoryPage account={account} />}
      {part === "bench" && <BenchPage account={account} />}
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

const parts = (account: AccountView): AccountPart[] => [
  "overview",
  ...(account.directory === null ? [] : (["directory"] as const)),
  ...(account.has_bench ? (["bench"] as const) : []),
];

function Parts({ account, part }: { account: AccountView; part: AccountPart }) {
  const text = useText();
  const view = useView();
  const words: Record<AccountPart, ReactNode> = {
    overview: <Say id="account.part.overview" />,
    directory: (
      <>
        <Say id="account.part.directory" />
        <span className="c-3 f12 font-normal">
          <Say id="number" n={account.directory ?? 0} />
        </span>
      </>
    ),
    bench: (
      <>
        <Icon name="flask" size="s" />
        <Say id="account.part.bench" />
      </>
    ),
  };
  return (
    <nav className="parts" aria-label={text("account.parts", { account: account.label })}>
      {parts(account).map((each) => (
        <AriaButton
          key={each}
          className={`cards-tab ${each === part ? "on" : ""}`}
          aria-current={each === part ? "page" : undefined}
          onPress={() => view.showAccount(account.id, each)}
          data-testid={`account-${each}`}
        >
          {words[each]}
        </AriaButton>
      ))}
    </nav>
  );
}

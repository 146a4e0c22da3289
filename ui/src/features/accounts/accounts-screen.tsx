import { useState } from "react";
import { ListBox, ListBoxItem } from "react-aria-components";
import { Button } from "../../components/button";
import { Confirm } from "../../components/dialog";
import { Icon, type IconName } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { ListSkeleton, PanelSkeleton, useWaitedLong } from "../../components/skeleton";
import { useTimes } from "../../components/time";
import type { AccountList, AccountView } from "../../contract";
import { Say, useText } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
import { BackupsLine } from "../backups/backups-line";
import { EnvMark } from "../shell/strip";
import { useView } from "../shell/view";
import { AccountPage } from "./account-page";

export function AccountsScreen() {
  const view = useView();
  const text = useText();
  const accounts = useRead("list_accounts", {});
  const long = useWaitedLong(accounts.isPending);
  const items = accounts.data?.items ?? [];
  const shown = items.find((x) => x.id === view.account) ?? items.find((x) => x.env === view.env) ?? items[0];
  return (
    <div className="accounts">
      <section className="list" aria-label={text("nav.accounts")}>
        <div className="lh">
          <h2 className="grow">
            <Say id="nav.accounts" />
          </h2>
          <Button kind="primary" icon="plus" onPress={() => view.connect(true)} data-testid="connect-account">
            <Say id="accounts.connect" />
          </Button>
        </div>
        {accounts.error && (
          <div className="list-problem">
            <ProblemNote problem={accounts.error} />
          </div>
        )}
        {long && <ListSkeleton rows={2} />}
        {items.length > 0 && (
          <ListBox
            className="scroll"
            data-scroll
            aria-label={text("nav.accounts")}
            selectionMode="single"
            selectionBehavior="replace"
            disallowEmptySelection
            selectedKeys={shown ? [shown.id] : []}
            onSelectionChange={(keys) => keys !== "all" && view.showAccount(String([...keys][0] ?? ""))}
          >
            {items.map((account) => (
              <ListBoxItem
                key={account.id}
                id={account.id}
                className="ar"
                textValue={account.label}
                data-testid="account-row"
                data-account={account.id}
                data-label={account.label}
              >
                <AccountRow account={account} />
              </ListBoxItem>
            ))}
          </ListBox>
        )}
        <span className="grow" />
        {accounts.data && <LocalCopyLine list={accounts.data} />}
        <BackupsLine />
      </section>
      {shown ? <AccountPage key={shown.id} account={shown} /> : long && <PanelSkeleton />}
    </div>
  );
}

function AccountRow({ account }: { account: AccountView }) {
  const times = useTimes();
  const pass = account.last_pass;
  return (
    <>
      <span className="line-row">
        <span className="ab" aria-hidden="true">
          {account.code}
        </span>
        <span className="semi cut" dir="auto">
          {account.label}
        </span>
        <span className="grow" />
        <EnvMark env={account.env} />
      </span>
      <span className="f12 c-2 cut block">{account.about}</span>
      <span className="line-row f12 ar-state">
        <AccountState account={account} />
        <span className="grow" />
        <span className="c-3">
          <Say id={account.progress || !pass ? "account.cardsSoFar" : "account.cards"} n={account.cards} />
        </span>
      </span>
      <span className="f12 c-3 block ar-read">
        {pass ? (
          <Say id="account.lastRead" at={times.at(pass.started_at)} ago={times.ago(pass.started_at)} />
        ) : (
          <Say id="account.neverRead" />
        )}
      </span>
    </>
  );
}

function AccountState({ account }: { account: AccountView }) {
  const { progress } = account;
  const state = account.paused
    ? { look: "p-danger", icon: "alert" as IconName, word: <Say id="account.paused" code={account.paused.code} /> }
    : progress
      ? {
          look: "p-info",
          icon: "refresh" as IconName,
          word: progress.total ? (
            <Say id="stat.readingPart" part={Math.min(1, progress.done / progress.total)} />
          ) : (
            <Say id="account.reading" />
          ),
        }
      : account.paused_by_person
        ? { look: "p-plain", icon: "pause" as IconName, word: <Say id="account.pausedByYou" /> }
        : account.last_problem
          ? { look: "p-warn", icon: "alert" as IconName, word: <Say id="account.lastFailed" /> }
          : {
              look: "p-ok",
              icon: "check" as IconName,
              word: <Say id={account.read_only ? "account.readOnlyConnected" : "account.connected"} />,
            };
  return (
    <span className={`state pill ${state.look}`}>
      <Icon name={state.icon} size="xs" />
      {state.word}
    </span>
  );
}

const MEGABYTE = 1_000_000;

function LocalCopyLine({ list }: { list: AccountList }) {
  const view = useView();
  const rebuild = useAct("rebuild_cache", ["status", "accounts", "cards"]);
  const [asking, setAsking] = useState(false);
  const { cards, bytes, folder } = list.copy;
  return (
    <div className="cache">
      <div className="line-row">
        <Icon name="copyOf" size="s" className="c-3" />
        <span className="med grow">
          <Say id="copyHere.title" />
        </span>
        <Button kind="link" className="f12" onPress={() => setAsking(true)} data-testid="rebuild-cache">
          <Say id="copyHere.rebuild" />
        </Button>
      </div>
      <p className="hint" title={folder}>
        <Say id="copyHere.text" cards={cards} mb={Math.max(0.1, bytes / MEGABYTE)} where={view.status.secrets} />
      </p>
      {asking && (
        <Confirm
          title={<Say id="rebuild.title" />}
          action={<Say id="rebuild.action" />}
          keep={<Say id="rebuild.keep" />}
          busy={rebuild.isPending}
          problem={rebuild.error}
          onClose={() => setAsking(false)}
          onConfirm={() => rebuild.mutate({}, { onSuccess: () => setAsking(false) })}
          testId="confirm-rebuild"
        >
          <p>
            <Say id="rebuild.text" n={cards} />
          </p>
          <p className="c-2">
            <Say id="rebuild.kept" />
          </p>
        </Confirm>
      )}
    </div>
  );
}

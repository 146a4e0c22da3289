/** Removes an account from this desk, after telling what goes and what stays. Open changes are given up only by an explicit word. */
import { useId, useState } from "react";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import type { AccountView, RemovalFacts } from "../../contract";
import { Say } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
import { useView } from "../shell/view";

export function RemoveAccount({ account, onClose }: { account: AccountView; onClose: () => void }) {
  const view = useView();
  const facts = useRead("removal_facts", { account_id: account.id });
  const remove = useAct("remove_account", ["status", "accounts", "cards", "changes"]);
  const [discard, setDiscard] = useState(false);
  const open = facts.data?.open_changes ?? 0;
  const ready = facts.data !== undefined && (open === 0 || discard) && !remove.isPending;
  return (
    <Dialog
      alert
      title={<Say id="remove.title" account={account.label} />}
      onClose={onClose}
      footer={
        <>
          <span className="grow" />
          <Button size="l" autoFocus onPress={onClose}>
            <Say id="remove.keep" />
          </Button>
          <Button
            size="l"
            kind="danger"
            isDisabled={!ready}
            onPress={() =>
              remove.mutate(
                { account_id: account.id, discard_changes: open > 0 },
                {
                  onSuccess: () => {
                    view.showAccount(null);
                    onClose();
                  },
                },
              )
            }
            data-testid="confirm-remove"
          >
            {remove.isPending ? <Say id="action.working" /> : <Say id="remove.action" />}
          </Button>
        </>
      }
    >
      {facts.error && <ProblemNote problem={facts.error} />}
      {facts.data && <Facts facts={facts.data} account={account} />}
      {open > 0 && (
        <Discard
          open={open}
          discard={discard}
          onDiscard={setDiscard}
          onShow={() => {
            onClose();
            view.showEnv(account.env);
            view.go("changes");
          }}
        />
      )}
      {remove.error && <ProblemNote problem={remove.error} />}
    </Dialog>
  );
}

function Facts({ facts, account }: { facts: RemovalFacts; account: AccountView }) {
  return (
    <dl className="what">
      <dt>
        <Say id="remove.deleted" />
      </dt>
      <dd>
        <Say id="remove.deleted.text" n={facts.cards} directory={facts.directory} notes={facts.notes} />
      </dd>
      <dt>
        <Say id="remove.stays" />
      </dt>
      <dd>
        <Say id="remove.stays.text" n={facts.log_rows} />
      </dd>
      <dt>
        <Say id="delete.untouched" />
      </dt>
      <dd>
        <Say id="remove.untouched.text" provider={account.provider_name} />
      </dd>
    </dl>
  );
}

function Discard(props: { open: number; discard: boolean; onDiscard: (on: boolean) => void; onShow: () => void }) {
  const id = useId();
  return (
    <div className="note warn">
      <Icon name="alert" />
      <div className="grow">
        <p>
          <Say id="remove.blocked" n={props.open} />
        </p>
        <div className="note-acts">
          <span className="tick">
            <input
              id={id}
              type="checkbox"
              className="box"
              checked={props.discard}
              onChange={(event) => props.onDiscard(event.target.checked)}
              data-testid="discard-changes"
            />
            <label htmlFor={id}>
              <Say id="remove.discard" n={props.open} />
            </label>
          </span>
          <span className="grow" />
          <Button kind="link" className="f12" onPress={props.onShow}>
            <Say id="remove.showChanges" />
          </Button>
        </div>
      </div>
    </div>
  );
}

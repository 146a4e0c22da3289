/** Deletes a whole customer record at its payment system. Done at once, so its id's end is typed in every environment. */
import { useState } from "react";
import { Input, Label, TextField } from "react-aria-components";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import type { CustomerView } from "../../contract";
import { Say } from "../../messages/text";
import { useAct } from "../../platform/queries";

const TYPED = 4;
const REASON_CHARACTERS = 255;

export interface DeleteCustomerDialogProps {
  customer: CustomerView;
  /** The payment system's id of the record. */
  record: string;
  onClose: () => void;
}

export function DeleteCustomerDialog({ customer, record, onClose }: DeleteCustomerDialogProps) {
  const remove = useAct("delete_customer", ["cards", "accounts", "status", "log"]);
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const provider = customer.account.provider_name;
  const wanted = [...record].slice(-TYPED).join("");
  const matches = typed.trim() === wanted;
  const submit = () => {
    if (!matches || remove.isPending) return;
    remove.mutate({
      account_id: customer.account.id,
      customer_id: record,
      confirmation: typed.trim(),
      reason: reason.trim() || null,
    });
  };
  if (remove.data) {
    return (
      <Dialog
        width={520}
        title={<Say id="record.done" />}
        onClose={onClose}
        testId="record-deleted"
        footer={
          <>
            <span className="grow" />
            <Button size="l" autoFocus onPress={onClose}>
              <Say id="action.close" />
            </Button>
          </>
        }
      >
        <div className="note" role="status">
          <Icon name="check" className="c-ok" />
          <span className="grow">{remove.data.says}</span>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog
      alert
      width={560}
      title={<Say id="record.title" />}
      onClose={remove.isPending ? () => {} : onClose}
      testId="delete-customer-dialog"
      footer={
        <>
          <span className="grow" />
          <Button size="l" onPress={onClose} isDisabled={remove.isPending}>
            <Say id="record.keep" />
          </Button>
          <Button
            size="l"
            kind="danger"
            icon="trash"
            isDisabled={!matches || remove.isPending}
            onPress={submit}
            data-testid="confirm-delete-customer"
          >
            {remove.isPending ? <Say id="action.working" /> : <Say id="record.action" />}
          </Button>
        </>
      }
    >
      <dl className="what">
        <dt>
          <Say id="record.which" />
        </dt>
        <dd>
          <Say id="record.which.text" account={customer.account.label} record={record} />
          {customer.email && <span className="block c-2">{customer.email}</span>}
        </dd>
        <dt>
          <Say id="record.atOnce" />
        </dt>
        <dd>
          <Say id="record.atOnce.text" provider={provider} />
        </dd>
        <dt>
          <Say id="delete.untouched" />
        </dt>
        <dd>
          <Say id="record.untouched" />
        </dd>
      </dl>
      <div className="pair">
        <TextField className="field" value={reason} onChange={setReason} maxLength={REASON_CHARACTERS}>
          <Label>
            <Say id="delete.reason" />
          </Label>
          <Input className="input" dir="auto" autoComplete="off" />
        </TextField>
        <TextField
          className="field"
          value={typed}
          onChange={setTyped}
          autoFocus
          onKeyDown={(event) => {
            if (event.key === "Enter") submit();
            else event.continuePropagation();
          }}
        >
          <Label>
            <Say id="record.type" text={wanted} n={[...wanted].length} />
          </Label>
          <div className="input-wrap">
            <Input className="input id" autoComplete="off" spellCheck={false} data-testid="confirm-record" />
            {matches && <Icon name="check" size="s" className="c-ok" />}
          </div>
        </TextField>
      </div>
      {remove.error && <ProblemNote problem={remove.error} />}
    </Dialog>
  );
}

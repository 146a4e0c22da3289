/** Above the cards of one customer record: which account, which record, what carries its switches. */
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { AccountTagMark } from "../../components/account-tag";
import { CopyButton } from "../../components/copy";
import { Icon } from "../../components/icon";
import { Ago } from "../../components/time";
import type { CustomerView } from "../../contract";
import { Say, useText } from "../../messages/text";

/** Letters that still fit beside the account's name. */
const SHORT = 44;

export interface GroupRowProps {
  customer: CustomerView;
  empty: boolean;
  /** The record above is of the same account: what carries the switches was said there. */
  again: boolean;
  /** Which of how many records with this email at this account. */
  among: { n: number; of: number } | null;
  /** Asks before the whole record is deleted. */
  onDelete: (customer: CustomerView) => void;
}

export function GroupRow({ customer, empty, again, among, onDelete }: GroupRowProps) {
  const text = useText();
  const { account } = customer;
  // A few words are said in passing; a sentence gets a line of its own, which is never cut.
  const short = customer.carried.length <= SHORT;
  return (
    <div role="row" className="gh">
      <div role="gridcell" aria-colspan={6} className="gh-cell">
        <div className="gh-in">
          <AccountTagMark tag={account} />
          <span className="semi cut" dir="auto" title={account.label}>
            {account.label}
          </span>
          <span className="c-3">{account.provider_name}</span>
          {customer.customer_id ? (
            <span className="gh-id f12 c-2">
              <span className="id cut" title={customer.customer_id}>
                {customer.customer_id}
              </span>
              <CopyButton
                value={customer.customer_id}
                label={text("copy.customerId", { provider: account.provider_name })}
              />
            </span>
          ) : (
            <span className="f12 c-warn">
              <Say id="customer.noId" />
            </span>
          )}
          {among && (
            <span className="pill p-plain state" title={text("customer.among.means")}>
              <Say id="customer.among" n={among.n} of={among.of} />
            </span>
          )}
        </div>
        {empty ? (
          <p className="gh-carried f12 c-2">{customer.no_cards ?? <Say id="customer.noCards" />}</p>
        ) : (
          !again && <p className={`gh-carried f12 ${short ? "short" : ""}`}>{customer.carried}</p>
        )}
        <div className="gh-end">
          {customer.read_at && <Ago at={customer.read_at} className="f12 c-3 fr" />}
          {customer.deletable_record && <RecordMenu customer={customer} onDelete={onDelete} />}
        </div>
      </div>
    </div>
  );
}

function RecordMenu({ customer, onDelete }: Pick<GroupRowProps, "customer" | "onDelete">) {
  const text = useText();
  return (
    <MenuTrigger>
      <AriaButton
        className="icb"
        aria-label={text("customer.more", { id: customer.deletable_record, account: customer.account.label })}
        data-testid="record-menu"
      >
        <Icon name="more" size="s" />
      </AriaButton>
      <Popover className="pop" placement="bottom end">
        <Menu className="menu" onAction={() => onDelete(customer)}>
          <MenuItem id="delete" className="menu-item c-danger" data-testid="delete-customer">
            <Icon name="trash" size="s" />
            <Say id="record.open" />
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

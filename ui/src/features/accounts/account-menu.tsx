/** What is done with an account now and then. */
import { useState } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Icon } from "../../components/icon";
import type { AccountView } from "../../contract";
import { Say, useText } from "../../messages/text";
import { CreateTokenDialog } from "./create-token-dialog";
import { ForgetOneClickDialog } from "./forget-one-click-dialog";
import { RemoveAccount } from "./remove-account";

type Asking = "create" | "forget" | "remove";

export function AccountMenu({ account }: { account: AccountView }) {
  const text = useText();
  const [asking, setAsking] = useState<Asking | null>(null);
  const close = () => setAsking(null);
  return (
    <>
      <MenuTrigger>
        <AriaButton
          className="btn plain m square"
          aria-label={text("account.more", { account: account.label })}
          data-testid="account-menu"
        >
          <Icon name="more" size="s" />
        </AriaButton>
        <Popover className="pop" placement="bottom end">
          <Menu className="menu" onAction={(key) => setAsking(key as Asking)}>
            {account.can_create_token && (
              <MenuItem id="create" className="menu-item" isDisabled={account.read_only} data-testid="create-token">
                <Icon name="plus" size="s" />
                <Say id="createToken.open" />
              </MenuItem>
            )}
            {account.can_forget_one_click && (
              <MenuItem id="forget" className="menu-item" isDisabled={account.read_only} data-testid="forget-one-click">
                <Icon name="undo" size="s" />
                <Say id="forget.open" />
              </MenuItem>
            )}
            <MenuItem id="remove" className="menu-item c-danger" data-testid="remove-account">
              <Icon name="trash" size="s" />
              <Say id="account.remove" />
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      {asking === "create" && <CreateTokenDialog account={account} onClose={close} />}
      {asking === "forget" && <ForgetOneClickDialog account={account} onClose={close} />}
      {asking === "remove" && <RemoveAccount account={account} onClose={close} />}
    </>
  );
}

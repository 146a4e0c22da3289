/** What is selected, and what can be planned for it. Nothing here changes a card: every button makes a plan to look at. */
import { useState } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Button, IconButton } from "../../components/button";
import { useKeys, useSingleKeys } from "../../components/keys";
import { Say, useText } from "../../messages/text";
import { ACTIONS, actionWord, type PlanAction } from "../plans/plan-words";

export interface BulkBarProps {
  /** Cards selected; at least so many when not `exact`. */
  n: number;
  exact: boolean;
  all: boolean;
  spread: { accounts: number; people: number } | null;
  /** Everything that the search finds, where that is more than is selected. */
  match: { n: number; exact: boolean } | null;
  /** How many were collected so far, while all are being collected. */
  collecting: number | null;
  planning: boolean;
  onAll: () => void;
  onPlan: (action: PlanAction) => void;
  onClear: () => void;
}

const DIRECT: PlanAction[] = ["one_click_off", "one_click_on", "deactivate", "activate"];

export function BulkBar(props: BulkBarProps) {
  const text = useText();
  const [open, setOpen] = useState(false);
  const single = useSingleKeys();
  const busy = props.planning || props.collecting !== null;
  useKeys({ p: () => !busy && setOpen(true) });
  return (
    <div className="bulk" role="region" aria-label={text("bulk.label")} data-testid="bulk-bar">
      <div className="bulk-what">
        <span className="semi" data-testid="bulk-count">
          {props.exact ? <Say id="bulk.selected" n={props.n} /> : <Say id="bulk.selectedAtLeast" n={props.n} />}
        </span>
        <span className="f12 c-2">
          {props.collecting !== null ? (
            <Say id="bulk.collecting" n={props.collecting} />
          ) : props.all ? (
            <Say id="bulk.allThatMatch" />
          ) : (
            props.spread && <Say id="bulk.spread" accounts={props.spread.accounts} people={props.spread.people} />
          )}
          {props.match && props.collecting === null && (
            <>
              {" "}
              <Button kind="link" className="f12" onPress={props.onAll} data-testid="pick-all">
                {props.match.exact ? (
                  <Say id="bulk.pickAll" n={props.match.n} />
                ) : (
                  <Say id="bulk.pickAllAtLeast" n={props.match.n} />
                )}
              </Button>
            </>
          )}
        </span>
      </div>
      <span className="bulk-line" />
      {DIRECT.map((action) => (
        <Button key={action} isDisabled={busy} onPress={() => props.onPlan(action)} data-testid={`bulk-${action}`}>
          <Say id={actionWord(action)} />
        </Button>
      ))}
      <Button
        kind="danger-quiet"
        icon="trash"
        isDisabled={busy}
        onPress={() => props.onPlan("delete")}
        data-testid="bulk-delete"
      >
        <Say id={actionWord("delete")} />
      </Button>
      <MenuTrigger isOpen={open} onOpenChange={setOpen}>
        <AriaButton className="btn primary m" isDisabled={busy} data-testid="bulk-plan">
          {props.planning ? <Say id="bulk.planning" /> : <Say id="bulk.plan" />}
          {single && !props.planning && <kbd aria-hidden="true">P</kbd>}
        </AriaButton>
        <Popover className="pop" placement="top end">
          <Menu className="menu" onAction={(action) => props.onPlan(action as PlanAction)}>
            {ACTIONS.map((action) => (
              <MenuItem
                key={action}
                id={action}
                className={`menu-item ${action === "delete" ? "c-danger" : ""}`}
                textValue={text(actionWord(action))}
              >
                <Say id={actionWord(action)} />
              </MenuItem>
            ))}
          </Menu>
        </Popover>
      </MenuTrigger>
      <IconButton icon="x" label={text("bulk.clear")} onPress={props.onClear} data-testid="bulk-clear" />
    </div>
  );
}

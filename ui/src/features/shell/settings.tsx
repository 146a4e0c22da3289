import { useState } from "react";
import { Button as AriaButton, Header, Menu, MenuItem, MenuSection, MenuTrigger, Popover } from "react-aria-components";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { useKeys, useSingleKeys } from "../../components/keys";
import { type MessageId, Say, useText } from "../../messages/text";
import { HoldDialog } from "./hold-dialog";
import { RailHint } from "./rail-hint";
import { keepSingleKeys } from "./single-keys";
import { setTheme, type Theme, useTheme } from "./theme";
import { useView } from "./view";

const THEMES: { theme: Theme; word: MessageId }[] = [
  { theme: "system", word: "theme.system" },
  { theme: "light", word: "theme.light" },
  { theme: "dark", word: "theme.dark" },
];

const SHORTCUTS: { keys: string[]; does: MessageId }[] = [
  { keys: ["/"], does: "keys.search" },
  { keys: ["↑", "↓"], does: "keys.move" },
  { keys: ["J", "K"], does: "keys.moveLetters" },
  { keys: ["Enter"], does: "keys.open" },
  { keys: ["Esc"], does: "keys.close" },
  { keys: ["G", "C"], does: "keys.customers" },
  { keys: ["G", "A"], does: "keys.cards" },
  { keys: ["G", "H"], does: "keys.changes" },
  { keys: ["G", "L"], does: "keys.log" },
  { keys: ["G", "O"], does: "keys.accounts" },
  { keys: ["X"], does: "keys.select" },
  { keys: ["Shift", "↑", "↓"], does: "keys.extend" },
  { keys: ["P"], does: "keys.plan" },
  { keys: ["O"], does: "keys.oneClick" },
  { keys: ["S"], does: "keys.active" },
  { keys: ["D"], does: "keys.delete" },
  { keys: ["Ctrl", "Z"], does: "keys.undo" },
  { keys: ["R"], does: "keys.refresh" },
  { keys: ["C"], does: "keys.copy" },
  { keys: ["E"], does: "keys.export" },
  { keys: ["Ctrl", "1 2 3"], does: "keys.environments" },
  { keys: ["?"], does: "keys.list" },
];

export function Settings() {
  const theme = useTheme();
  const text = useText();
  const view = useView();
  const single = useSingleKeys();
  const [keysShown, showKeys] = useState(false);
  const [holdShown, showHold] = useState(false);
  useKeys({ "?": () => showKeys(true) });
  return (
    <>
      <MenuTrigger>
        <RailHint word="settings.label">
          <AriaButton className="rail-menu f12" aria-label={text("settings.label")}>
            <Icon name="moon" size="s" />
            <span className="rail-word">
              <Say id="settings.label" />
            </span>
            {single && <kbd className="rail-word">?</kbd>}
          </AriaButton>
        </RailHint>
        <Popover className="pop" placement="top start">
          <Menu
            className="menu"
            selectionMode="single"
            selectedKeys={[theme]}
            onAction={(key) => {
              if (key === "keys") showKeys(true);
              else if (key === "hold") showHold(true);
              else if (key === "single") keepSingleKeys(!single);
              else setTheme(key as Theme);
            }}
          >
            <MenuSection>
              <Header className="menu-head">
                <Say id="theme.label" />
              </Header>
              {THEMES.map(({ theme: id, word }) => (
                <MenuItem key={id} id={id} className="menu-item" textValue={text(word)}>
                  {({ isSelected }) => (
                    <>
                      <span className="grow">
                        <Say id={word} />
                      </span>
                      {isSelected && <Icon name="check" size="s" />}
                    </>
                  )}
                </MenuItem>
              ))}
            </MenuSection>
            <MenuSection selectionMode="multiple" selectedKeys={single ? ["single"] : []}>
              <Header className="menu-head">
                <Say id="keys.label" />
              </Header>
              <MenuItem id="single" className="menu-item" textValue={text("keys.single")} data-testid="single-keys">
                {({ isSelected }) => (
                  <>
                    <span className="grow">
                      <Say id="keys.single" />
                    </span>
                    {isSelected && <Icon name="check" size="s" />}
                  </>
                )}
              </MenuItem>
            </MenuSection>
            <MenuSection selectionMode="none" aria-label={text("hold.title")}>
              <MenuItem id="hold" className="menu-item" textValue={text("hold.open")} data-testid="open-hold">
                <Say id="hold.open" />
              </MenuItem>
            </MenuSection>
            <MenuSection selectionMode="none" aria-label={text("keys.title")}>
              <MenuItem id="keys" className="menu-item" textValue={text("keys.show")}>
                <span className="grow">
                  <Say id="keys.show" />
                </span>
                {single && <kbd>?</kbd>}
              </MenuItem>
            </MenuSection>
          </Menu>
        </Popover>
      </MenuTrigger>
      {holdShown && <HoldDialog onClose={() => showHold(false)} />}
      {keysShown && (
        <Dialog
          title={<Say id="keys.title" />}
          width={460}
          onClose={() => showKeys(false)}
          footer={
            <>
              <span className="hint">
                <Say id="app.version" version={view.status.version} />
              </span>
              <span className="grow" />
              <Button size="l" autoFocus onPress={() => showKeys(false)}>
                <Say id="action.close" />
              </Button>
            </>
          }
        >
          <p className="c-2">
            <Say id={single ? "keys.note" : "keys.noteOff"} />
          </p>
          <dl className="keys">
            {SHORTCUTS.map(({ keys, does }) => (
              <div key={does}>
                <dt>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dt>
                <dd>
                  <Say id={does} />
                </dd>
              </div>
            ))}
          </dl>
        </Dialog>
      )}
    </>
  );
}

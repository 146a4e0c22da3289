import { useEffect, useRef } from "react";
import { dialogOpen, isTyping, singleKeysOn, useKeys } from "../../components/keys";
import { AccountsScreen } from "../accounts/accounts-screen";
import { ConnectDialog } from "../accounts/connect-dialog";
import { CardsScreen } from "../cards/cards-screen";
import { ChangesScreen } from "../changes/changes-screen";
import { UndoProvider } from "../changes/undo";
import { UndoToast } from "../changes/undo-toast";
import { CustomersScreen } from "../customers/customers-screen";
import { LogScreen } from "../log/log-screen";
import { Banners } from "./banners";
import { OlderLedgerDialog } from "./older-ledger";
import { Rail } from "./rail";
import { Strip } from "./strip";
import { Top } from "./top";
import { ENV_ORDER, type Screen, useView } from "./view";

const GO_MS = 1_000;
const PLACES: Record<string, Screen> = { c: "customers", a: "cards", h: "changes", l: "log", o: "accounts" };

export function Shell() {
  const view = useView();
  useShellKeys();
  const others = view.status.environments.reduce((n, x) => (x.env === view.env ? n : n + x.accounts), 0);
  return (
    <UndoProvider>
      <div className="app">
        <Strip here={view.here} others={view.screen === "accounts" ? others : 0} />
        <Rail />
        <Top />
        <div className="content">
          <Banners />
          <main className="main">
            {view.screen === "customers" && <CustomersScreen />}
            {view.screen === "cards" && <CardsScreen />}
            {view.screen === "changes" && <ChangesScreen />}
            {view.screen === "log" && <LogScreen />}
            {view.screen === "accounts" && <AccountsScreen />}
          </main>
        </div>
        <UndoToast />
        <OlderLedgerDialog />
        {view.connecting && (
          <ConnectDialog
            secrets={view.status.secrets}
            onClose={() => view.connect(false)}
            onConnected={(account) => {
              view.connect(false);
              view.showEnv(account.env);
              view.showAccount(account.id);
              view.go("accounts");
            }}
          />
        )}
      </div>
    </UndoProvider>
  );
}

function useShellKeys() {
  const view = useView();
  const going = useRef(0);
  useKeys({
    "/": () => {
      if (view.screen === "cards") view.showPlan(null);
      else view.go("customers");
      view.searchField.current?.focus();
      view.searchField.current?.select();
    },
    g: () => {
      going.current = Date.now();
    },
  });
  const current = useRef(view);
  current.current = view;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const now = current.current;
      if (event.defaultPrevented || dialogOpen()) return;
      if (event.ctrlKey && !event.shiftKey && !event.altKey && ["1", "2", "3"].includes(event.key)) {
        const env = ENV_ORDER[Number(event.key) - 1];
        if (env && now.status.environments.some((x) => x.env === env)) {
          event.preventDefault();
          now.showEnv(env);
        }
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !singleKeysOn()) return;
      const place = PLACES[event.key.toLowerCase()];
      if (place && Date.now() - going.current < GO_MS) {
        going.current = 0;
        event.preventDefault();
        event.stopImmediatePropagation();
        now.go(place);
        return;
      }
      // With nothing focused and nobody open, letters are a search that has begun.
      const idle = document.activeElement === document.body || document.activeElement === null;
      if (
        idle &&
        now.screen === "customers" &&
        !now.person &&
        event.key.length === 1 &&
        /[\p{L}\p{N}@]/u.test(event.key)
      ) {
        now.searchField.current?.focus();
      }
    };
    // Before the shortcuts of the screens: "G C" is a place, "C" alone copies; "G O" is one, "O" alone switches.
    window.addEventListener("keydown", press, { capture: true });
    return () => window.removeEventListener("keydown", press, { capture: true });
  }, []);
}

/** What is in view: environment, screen, search text, customer, card. Kept by the window, not by any screen. */
import { createContext, type ReactNode, type RefObject, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { CardView, DeskStatus, Env, EnvStatus } from "../../contract";
import { recall, remember } from "./memory";

export type Screen = "customers" | "cards" | "changes" | "log" | "accounts";

/** What the search field asks of the list below it. */
export interface ListKeys {
  move: (by: number) => void;
  open: () => void;
}

export interface View {
  status: DeskStatus;
  /** The environment in view. */
  here: EnvStatus;
  env: Env;
  showEnv: (env: Env) => void;
  screen: Screen;
  go: (screen: Screen) => void;
  query: string;
  search: (text: string) => void;
  person: string | null;
  /** Opens a customer; `focus` moves the keyboard to the first card. */
  open: (person: string, focus?: boolean) => void;
  closePerson: () => void;
  card: string | null;
  showCard: (card: string | null) => void;
  deleting: CardView | null;
  askDelete: (card: CardView | null) => void;
  /** Whether the question about an older ledger is open. */
  askingLedger: boolean;
  askLedger: (open: boolean) => void;
  connecting: boolean;
  connect: (open: boolean) => void;
  /** A plan, or the list of all of them, in place of the cards. */
  plan: string | null;
  showPlan: (plan: string | null) => void;
  account: string | null;
  accountPart: AccountPart;
  showAccount: (account: string | null, part?: AccountPart) => void;
  searchField: RefObject<HTMLInputElement | null>;
  list: RefObject<ListKeys | null>;
  wantsFocus: RefObject<string | null>;
  activeOption: string | null;
  setActiveOption: (id: string | null) => void;
}

/** The pages of one account. */
export type AccountPart = "overview" | "directory" | "bench";

const ViewContext = createContext<View | null>(null);

export function useView(): View {
  const view = useContext(ViewContext);
  if (!view) throw new Error("no view");
  return view;
}

/** For {@link View.showPlan}: the list of plans. No plan has this id. */
export const ALL_PLANS = "all";

export const ENV_ORDER: Env[] = ["live", "test", "demo"];

export function ViewProvider({ status, children }: { status: DeskStatus; children: ReactNode }) {
  const [wanted, setWanted] = useState<Env | null>(() => recall("env") as Env | null);
  const [screen, setScreen] = useState<Screen>("customers");
  const [query, setQuery] = useState("");
  const [person, setPerson] = useState<string | null>(null);
  const [card, setCard] = useState<string | null>(null);
  const [deleting, setDeleting] = useState<CardView | null>(null);
  const [plan, setPlan] = useState<string | null>(null);
  // Asked at once when the window opens; put off, the banner asks again.
  const [askingLedger, setAskingLedger] = useState(true);
  const [connecting, setConnecting] = useState(false);
  const [account, setAccount] = useState<string | null>(null);
  const [accountPart, setAccountPart] = useState<AccountPart>("overview");
  const [activeOption, setActiveOption] = useState<string | null>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const list = useRef<ListKeys>(null);
  const wantsFocus = useRef<string>(null);

  const present = ENV_ORDER.flatMap((env) => status.environments.find((x) => x.env === env) ?? []);
  const here = present.find((x) => x.env === wanted) ?? present[0];
  const env = here?.env;

  // A person belongs to one environment; nothing of it stays on screen when another one comes into view.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change of environment that clears
  useEffect(() => {
    setPerson(null);
    setCard(null);
    setDeleting(null);
    setPlan(null);
  }, [env]);

  const view = useMemo<View | null>(
    () =>
      here === undefined
        ? null
        : {
            status,
            here,
            env: here.env,
            showEnv: (next) => {
              setWanted(next);
              remember("env", next);
            },
            screen,
            go: setScreen,
            query,
            search: (text) => {
              setQuery(text);
              // What is typed searches the cards while they are in view, and customers from everywhere else.
              setScreen((now) => (now === "cards" ? now : "customers"));
              setPerson(null);
              setCard(null);
              setPlan(null);
            },
            person,
            open: (next, focus) => {
              wantsFocus.current = focus ? next : null;
              setScreen("customers");
              setPerson(next);
              setCard(null);
            },
            closePerson: () => setPerson(null),
            card,
            showCard: setCard,
            deleting,
            askDelete: setDeleting,
            plan,
            showPlan: (next) => {
              setPlan(next);
              setScreen("cards");
            },
            askingLedger,
            askLedger: setAskingLedger,
            connecting,
            connect: setConnecting,
            account,
            accountPart,
            showAccount: (next, part) => {
              setAccount(next);
              setAccountPart(part ?? "overview");
            },
            searchField,
            list,
            wantsFocus,
            activeOption,
            setActiveOption,
          },
    [
      status,
      here,
      screen,
      query,
      person,
      card,
      deleting,
      plan,
      askingLedger,
      connecting,
      account,
      accountPart,
      activeOption,
    ],
  );
  return view && <ViewContext.Provider value={view}>{children}</ViewContext.Provider>;
}

import { useEffect } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { IconButton } from "../../components/button";
import { Icon } from "../../components/icon";
import { useSingleKeys } from "../../components/keys";
import { useTimes } from "../../components/time";
import { Say, useText } from "../../messages/text";
import { useRead } from "../../platform/queries";
import { ENV_WORD, EnvMark } from "./strip";
import { ENV_ORDER, useView } from "./view";

export function Top() {
  return (
    <header className="top">
      <Search />
      <EnvSwitch />
      <div className="stats">
        <Freshness />
        <NetworkState />
      </div>
    </header>
  );
}

function Search() {
  const view = useView();
  const text = useText();
  const { searchField } = view;
  const single = useSingleKeys();
  useEffect(() => searchField.current?.focus(), [searchField]);
  const onCards = view.screen === "cards";
  const below = onCards && view.plan === null ? "cards-table" : view.screen === "customers" ? "people-list" : undefined;
  // A list without a row may not be there at all.
  const list = view.activeOption === null ? undefined : below;
  return (
    <div role="search" className="search">
      <Icon name="search" />
      <input
        ref={view.searchField}
        type="text"
        role="combobox"
        data-testid="search"
        aria-label={text(onCards ? "search.labelCards" : "search.label")}
        aria-haspopup={onCards ? "grid" : "listbox"}
        aria-expanded={list !== undefined}
        aria-controls={list}
        aria-activedescendant={list ? (view.activeOption ?? undefined) : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        autoCorrect="off"
        autoCapitalize="off"
        spellCheck={false}
        dir="auto"
        placeholder={text("search.placeholder")}
        value={view.query}
        onChange={(event) => view.search(event.target.value)}
        onKeyDown={(event) => {
          // A key that ends a word of an input method belongs to the input method.
          if (event.nativeEvent.isComposing) return;
          if (event.key === "ArrowDown") view.list.current?.move(1);
          else if (event.key === "ArrowUp") view.list.current?.move(-1);
          else if (event.key === "Enter") view.list.current?.open();
          else if (event.key === "Escape" && view.query !== "") view.search("");
          else if (event.key === "Escape" && view.person) view.closePerson();
          else return;
          event.preventDefault();
        }}
      />
      {view.query === "" ? (
        single && <kbd aria-hidden="true">/</kbd>
      ) : (
        <IconButton
          icon="x"
          label={text("search.clear")}
          onPress={() => {
            view.search("");
            view.searchField.current?.focus();
          }}
        />
      )}
    </div>
  );
}

function EnvSwitch() {
  const view = useView();
  const text = useText();
  const present = ENV_ORDER.filter((env) => view.status.environments.some((x) => x.env === env));
  if (present.length < 2) return null;
  return (
    <MenuTrigger>
      <AriaButton className="btn plain m" aria-label={text("env.switch", { env: text(ENV_WORD[view.env]) })}>
        <EnvMark env={view.env} />
        <Icon name="down" size="s" />
      </AriaButton>
      <Popover className="pop" placement="bottom start">
        <Menu
          className="menu"
          aria-label={text("env.switchLabel")}
          selectionMode="single"
          selectedKeys={[view.env]}
          onAction={(key) => view.showEnv(key as typeof view.env)}
        >
          {present.map((env) => (
            <MenuItem key={env} id={env} className="menu-item" textValue={text(ENV_WORD[env])}>
              <EnvMark env={env} />
              <span className="grow" />
              <kbd>{`Ctrl ${ENV_ORDER.indexOf(env) + 1}`}</kbd>
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

function Freshness() {
  const view = useView();
  const times = useTimes();
  const accounts = useRead("list_accounts", {});
  const mine = accounts.data?.items.filter((x) => x.env === view.env) ?? [];
  const paused = mine.find((x) => x.paused || x.paused_by_person);
  if (paused) {
    return (
      <AriaButton
        className={`stat ${paused.paused ? "c-danger" : "c-warn"}`}
        onPress={() => {
          view.showAccount(paused.id);
          view.go("accounts");
        }}
      >
        <Icon name="pause" />
        <Say id="stat.paused" account={paused.label} />
      </AriaButton>
    );
  }
  const reading = mine.find((x) => x.progress);
  const since = view.here.read_since;
  if (reading && !since) {
    const { done = 0, total = null } = reading.progress ?? {};
    return (
      <span className="stat">
        <Icon name="clock" />
        {total ? <Say id="stat.readingPart" part={Math.min(1, done / total)} /> : <Say id="stat.reading" done={done} />}
      </span>
    );
  }
  if (!since) {
    return (
      <span className="stat c-warn">
        <Icon name="clock" />
        <Say id="stat.neverRead" />
      </span>
    );
  }
  const offline = view.here.network.kind === "offline";
  return (
    <span className="stat" title={times.exact(since)}>
      <Icon name="clock" />
      {offline ? (
        <Say id="stat.readAt" at={times.at(since)} ago={times.ago(since)} />
      ) : (
        <Say id="stat.readWithin" span={times.span(since)} />
      )}
    </span>
  );
}

function NetworkState() {
  const view = useView();
  const { network } = view.here;
  if (network.kind === "unknown") return null;
  const offline = network.kind === "offline";
  return (
    <span className={`stat ${offline ? "c-warn" : ""}`} data-network={network.kind}>
      <Icon name={offline ? "wifiOff" : "wifi"} />
      {offline ? <Say id="stat.offline" /> : <Say id="stat.online" />}
    </span>
  );
}

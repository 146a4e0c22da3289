import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Icon } from "../../components/icon";
import { type MessageId, Say, useText } from "../../messages/text";
import { useView } from "../shell/view";
import { type FilterKey, filtersIn, withFilter, withoutFilter } from "./filters";

const NAMES: Record<FilterKey, MessageId> = {
  state: "filter.state",
  brand: "filter.brand",
  exp: "filter.exp",
  "one-click": "filter.oneClick",
};

const VALUES: Record<string, MessageId> = {
  "state:active": "state.active",
  "state:inactive": "state.inactive",
  "state:deleting": "state.deleting",
  "state:deleted": "state.deleted",
  "state:creating": "state.creating",
  "one-click:on": "oneClick.on",
  "one-click:off": "oneClick.off",
};

const OFFERED: { key: FilterKey; values: string[] }[] = [
  { key: "state", values: ["active", "inactive", "deleting", "deleted"] },
  { key: "one-click", values: ["on", "off"] },
];

export function Chips() {
  const view = useView();
  const text = useText();
  const filters = filtersIn(view.query);
  const valueWord = (key: FilterKey, value: string) => {
    const id = VALUES[`${key}:${value.toLowerCase()}`];
    return id ? text(id) : value;
  };
  const change = (query: string) => {
    view.search(query);
    view.searchField.current?.focus();
  };
  return (
    <div className="chips" role="group" aria-label={text("filter.label")}>
      {filters.map((filter) => (
        <AriaButton
          key={`${filter.at}${filter.key}${filter.value}`}
          className="chip on"
          onPress={() => change(withoutFilter(view.query, filter))}
          aria-label={text("filter.remove", {
            name: text(NAMES[filter.key]),
            value: valueWord(filter.key, filter.value),
          })}
          data-testid="filter-chip"
        >
          <span className="k">
            <Say id={NAMES[filter.key]} />
          </span>
          <b className="cut">{valueWord(filter.key, filter.value)}</b>
          <Icon name="x" size="xs" />
        </AriaButton>
      ))}
      {OFFERED.filter(({ key }) => !filters.some((f) => f.key === key)).map(({ key, values }) => (
        <MenuTrigger key={key}>
          <AriaButton className="chip">
            <span>
              <Say id={NAMES[key]} />
            </span>
            <Icon name="down" size="xs" />
          </AriaButton>
          <Popover className="pop" placement="bottom start">
            <Menu
              className="menu"
              aria-label={text(NAMES[key])}
              onAction={(value) => change(withFilter(view.query, key, String(value)))}
            >
              {values.map((value) => (
                <MenuItem key={value} id={value} className="menu-item" textValue={valueWord(key, value)}>
                  <span className="grow">{valueWord(key, value)}</span>
                  <span className="c-3 f12">{`${key}:${value}`}</span>
                </MenuItem>
              ))}
            </Menu>
          </Popover>
        </MenuTrigger>
      ))}
    </div>
  );
}

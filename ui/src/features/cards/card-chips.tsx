/** One chip a filter. What it says is written into the search box; the account, which has no word there, is kept beside. */
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Icon } from "../../components/icon";
import type { AccountTag } from "../../contract";
import { type MessageId, useText } from "../../messages/text";
import type { FilterKey } from "../customers/filters";
import { useView } from "../shell/view";
import { monthFrom, readMonth, valuesOf, withValues } from "./card-filters";

interface Choice {
  value: string;
  word: string;
  /** As it is typed. */
  typed?: string;
}

const STATES: { value: string; word: MessageId }[] = [
  { value: "active", word: "state.active" },
  { value: "inactive", word: "state.inactive" },
  { value: "deleting", word: "state.deleting" },
  { value: "deleted", word: "state.deleted" },
  { value: "creating", word: "state.creating" },
];

// Names, not words: brands are called so in every language.
const BRANDS: Choice[] = [
  { value: "visa", word: "Visa" },
  { value: "mastercard", word: "Mastercard" },
  { value: "amex", word: "American Express" },
  { value: "jcb", word: "JCB" },
  { value: "discover", word: "Discover" },
  { value: "diners", word: "Diners Club" },
  { value: "unionpay", word: "UnionPay" },
  { value: "maestro", word: "Maestro" },
];

const MONTHS_AHEAD = [1, 2, 3, 6, 12];

const MONTH_WORDS: Record<"before" | "after" | "in", MessageId> = {
  before: "filter.expBefore",
  after: "filter.expAfter",
  in: "filter.expIn",
};

export function CardChips(props: {
  accounts: AccountTag[];
  account: string | null;
  onAccount: (account: string | null) => void;
}) {
  const view = useView();
  const text = useText();
  const now = new Date();
  const thisMonth = monthFrom(now, 0);
  const expWord = (value: string) => {
    if (value === `<${thisMonth}`) return text("filter.expired");
    const read = readMonth(value);
    return read ? text(MONTH_WORDS[read.how], { month: read.month, year: read.year }) : value;
  };
  const write = (key: FilterKey, values: string[]) => view.search(withValues(view.query, key, values));
  const inWords = (
    key: FilterKey,
    name: MessageId,
    choices: Choice[],
    many: boolean,
    wordOf?: (v: string) => string,
  ) => {
    const values = valuesOf(view.query, key);
    return (
      <FilterChip
        key={key}
        name={text(name)}
        choices={choices.map((x) => ({ ...x, typed: `${key}:${x.value}` }))}
        values={values}
        shown={values.map((v) => wordOf?.(v) ?? choices.find((x) => x.value === v.toLowerCase())?.word ?? v).join(", ")}
        many={many}
        onChange={(next) => write(key, next)}
        testId={`chip-${key}`}
      />
    );
  };
  return (
    <div className="cards-chips" role="group" aria-label={text("filter.label")}>
      {inWords(
        "state",
        "filter.state",
        STATES.map((x) => ({ value: x.value, word: text(x.word) })),
        true,
      )}
      {inWords(
        "one-click",
        "filter.oneClick",
        [
          { value: "on", word: text("oneClick.on") },
          { value: "off", word: text("oneClick.off") },
        ],
        false,
      )}
      {inWords("brand", "filter.brand", BRANDS, true)}
      {inWords(
        "exp",
        "filter.exp",
        [`<${thisMonth}`, ...MONTHS_AHEAD.map((n) => `<${monthFrom(now, n)}`)].map((value) => ({
          value,
          word: expWord(value),
        })),
        false,
        expWord,
      )}
      {props.accounts.length > 1 && (
        <FilterChip
          name={text("filter.account")}
          choices={props.accounts.map((x) => ({ value: x.id, word: x.label, typed: x.provider_name }))}
          values={props.account ? [props.account] : []}
          shown={props.accounts.find((x) => x.id === props.account)?.label ?? ""}
          many={false}
          onChange={([next]) => props.onAccount(next ?? null)}
          testId="chip-account"
        />
      )}
    </div>
  );
}

function FilterChip(props: {
  name: string;
  choices: Choice[];
  values: string[];
  shown: string;
  many: boolean;
  onChange: (values: string[]) => void;
  testId: string;
}) {
  const text = useText();
  const on = props.values.length > 0;
  return (
    <span className={`chip-pair ${on ? "on" : ""}`}>
      <MenuTrigger>
        <AriaButton className={`chip ${on ? "on" : ""}`} data-testid={props.testId}>
          <span className="k">{props.name}</span>
          {on ? <b className="cut">{props.shown}</b> : <Icon name="down" size="xs" />}
        </AriaButton>
        <Popover className="pop" placement="bottom start">
          <Menu
            className="menu"
            aria-label={props.name}
            selectionMode={props.many ? "multiple" : "single"}
            selectedKeys={props.values.map((x) => x.toLowerCase())}
            onSelectionChange={(keys) => props.onChange(keys === "all" ? [] : [...keys].map(String))}
          >
            {props.choices.map(({ value, word, typed }) => (
              <MenuItem key={value} id={value} className="menu-item" textValue={word}>
                {({ isSelected }) => (
                  <>
                    <span className="menu-check">{isSelected && <Icon name="check" size="s" />}</span>
                    <span className="grow cut">{word}</span>
                    <span className="c-3 f12">{typed}</span>
                  </>
                )}
              </MenuItem>
            ))}
          </Menu>
        </Popover>
      </MenuTrigger>
      {on && (
        <AriaButton
          className="chip on chip-x"
          aria-label={text("filter.remove", { name: props.name, value: props.shown })}
          onPress={() => props.onChange([])}
          data-testid="filter-chip"
        >
          <Icon name="x" size="xs" />
        </AriaButton>
      )}
    </span>
  );
}

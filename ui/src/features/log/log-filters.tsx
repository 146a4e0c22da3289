/** The filters of the log: what, outcome, account, period, text. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import {
  Button as AriaButton,
  Input,
  Menu,
  MenuItem,
  MenuTrigger,
  Popover,
  SearchField,
  type Selection,
} from "react-aria-components";
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import { type MessageId, Say, useText } from "../../messages/text";
import { useRead } from "../../platform/queries";
import { useView } from "../shell/view";
import { GROUPS, OUTCOMES, PERIODS } from "./log-words";
import { EVERYTHING, isFiltered, type LogChoice, type Period } from "./use-log";

/** Each search is a row of the log, so a text is searched when typing rests. */
const RESTS_MS = 600;
const TEXT_CHARACTERS = 255;

export function LogFilters({ choice, onChange }: { choice: LogChoice; onChange: (choice: LogChoice) => void }) {
  const view = useView();
  const text = useText();
  const accounts = useRead("list_accounts", {}).data?.items.filter((x) => x.env === view.env) ?? [];
  const set = (part: Partial<LogChoice>) => onChange({ ...choice, ...part });
  const named = (all: readonly { id: string; word: MessageId }[], chosen: readonly string[]) =>
    all
      .filter((x) => chosen.includes(x.id))
      .map((x) => text(x.word))
      .join(", ");
  return (
    <div className="log-filters" role="group" aria-label={text("filter.label")}>
      <FilterChip
        testId="log-what"
        name="log.what"
        value={named(GROUPS, choice.groups) || null}
        options={GROUPS.map(({ id, word }) => ({ id, word: text(word) }))}
        chosen={choice.groups}
        many
        onChoose={(groups) => set({ groups })}
        onClear={() => set({ groups: [] })}
      />
      <FilterChip
        testId="log-outcome"
        name="log.outcome"
        value={named(OUTCOMES, choice.outcomes) || null}
        options={OUTCOMES.map(({ id, word }) => ({ id, word: text(word) }))}
        chosen={choice.outcomes}
        many
        onChoose={(outcomes) => set({ outcomes })}
        onClear={() => set({ outcomes: [] })}
      />
      {accounts.length > 0 && (
        <FilterChip
          testId="log-account"
          name="log.account"
          value={accounts.find((x) => x.id === choice.account)?.label ?? null}
          options={accounts.map((x) => ({ id: x.id, word: x.label }))}
          chosen={choice.account ? [choice.account] : []}
          onChoose={([account]) => set({ account: account ?? null })}
          onClear={() => set({ account: null })}
        />
      )}
      <FilterChip
        testId="log-period"
        name="log.period"
        value={choice.period === "all" ? null : named(PERIODS, [choice.period])}
        options={PERIODS.map(({ id, word }) => ({ id, word: text(word) }))}
        chosen={[choice.period]}
        onChoose={([period]) => set({ period: (period as Period | undefined) ?? "all" })}
        onClear={() => set({ period: "all" })}
      />
      {choice.card && (
        <AriaButton
          className="chip on"
          onPress={() => set({ card: null })}
          aria-label={text("filter.remove", { name: text("log.card"), value: choice.card.words })}
        >
          <span className="k">
            <Say id="log.card" />
          </span>
          <b className="cut">{choice.card.words}</b>
          <Icon name="x" size="xs" />
        </AriaButton>
      )}
      <TextFilter value={choice.text} onChange={(typed) => set({ text: typed })} />
      {isFiltered(choice) && (
        <Button kind="link" className="f12" onPress={() => onChange(EVERYTHING)} data-testid="log-clear">
          <Say id="log.clear" />
        </Button>
      )}
    </div>
  );
}

interface FilterChipProps {
  name: MessageId;
  /** The chosen values in words; null while anything goes. */
  value: string | null;
  options: { id: string; word: string }[];
  chosen: readonly string[];
  many?: boolean;
  onChoose: (ids: string[]) => void;
  onClear: () => void;
  testId: string;
}

function FilterChip(props: FilterChipProps) {
  const text = useText();
  const opener = useRef<HTMLButtonElement>(null);
  const name = text(props.name);
  const choose = (keys: Selection) =>
    props.onChoose(keys === "all" ? props.options.map((x) => x.id) : [...keys].map(String));
  let words: ReactNode = <span>{name}</span>;
  if (props.value !== null) {
    words = (
      <>
        <span className="k">{name}</span>
        <b className="cut" dir="auto">
          {props.value}
        </b>
      </>
    );
  }
  return (
    <span className={props.value === null ? "chip-one" : "chip-two"}>
      <MenuTrigger>
        <AriaButton ref={opener} className={props.value === null ? "chip" : "chip on"} data-testid={props.testId}>
          {words}
          <Icon name="down" size="xs" />
        </AriaButton>
        <Popover className="pop" placement="bottom start">
          <Menu
            className="menu"
            aria-label={name}
            selectionMode={props.many ? "multiple" : "single"}
            selectedKeys={props.chosen}
            onSelectionChange={choose}
          >
            {props.options.map(({ id, word }) => (
              <MenuItem key={id} id={id} className="menu-item" textValue={word}>
                {({ isSelected }) => (
                  <>
                    <span className="grow cut" dir="auto">
                      {word}
                    </span>
                    {isSelected && <Icon name="check" size="s" />}
                  </>
                )}
              </MenuItem>
            ))}
          </Menu>
        </Popover>
      </MenuTrigger>
      {props.value !== null && (
        <AriaButton
          className="chip on chip-x"
          aria-label={text("filter.remove", { name, value: props.value })}
          onPress={() => {
            props.onClear();
            opener.current?.focus();
          }}
        >
          <Icon name="x" size="xs" />
        </AriaButton>
      )}
    </span>
  );
}

function TextFilter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const text = useText();
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  const tell = (next: string) => {
    const trimmed = next.trim();
    if (trimmed === told.current) return;
    told.current = trimmed;
    onChange(trimmed);
  };
  const latest = useRef(tell);
  latest.current = tell;
  useEffect(() => {
    const timer = setTimeout(() => latest.current(typed), RESTS_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  // Cleared from outside.
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setTyped(value);
  }, [value]);
  return (
    <SearchField
      className="log-text"
      aria-label={text("log.text")}
      value={typed}
      onChange={setTyped}
      onSubmit={tell}
      onClear={() => tell("")}
      maxLength={TEXT_CHARACTERS}
    >
      <Icon name="search" size="s" />
      <Input className="input" placeholder={text("log.text")} spellCheck={false} data-testid="log-text" />
      {typed !== "" && (
        <AriaButton className="icb" aria-label={text("log.textClear")}>
          <Icon name="x" size="xs" />
        </AriaButton>
      )}
    </SearchField>
  );
}

/** Which column of a file is what: as the desk understood it, and as a person says where it did not. */
import { useState } from "react";
import { Button as AriaButton, Label, ListBox, ListBoxItem, Popover, Select, SelectValue } from "react-aria-components";
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import type { DirectoryColumns, Imported } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";

type Column = keyof DirectoryColumns;

const NAMES: Record<Column, MessageId> = {
  customer_id: "directory.customerId",
  email: "directory.email",
  name: "directory.name",
  token: "directory.token",
};

const NONE = "";

/** Whether every row can be told apart: by the customer id, or by the token where tokens are imported. */
export const columnsSuffice = (columns: DirectoryColumns, tokens: boolean) =>
  (tokens ? columns.token : columns.customer_id) !== null;

export interface ImportColumnsProps {
  report: Imported;
  tokens: boolean;
  /** What a person said so far. */
  chosen: DirectoryColumns | null;
  onChange: (columns: DirectoryColumns) => void;
}

export function ImportColumns({ report, tokens, chosen, onChange }: ImportColumnsProps) {
  const text = useText();
  const { header } = report;
  const columns = { ...report.columns };
  for (const name of ["customer_id", "email", "name", "token"] as const) columns[name] ??= chosen?.[name] ?? null;
  const asked: Column[] = ["customer_id", "email", "name", ...(tokens ? (["token"] as const) : [])];
  const missing = !columnsSuffice(columns, tokens);
  const [open, setOpen] = useState(missing);
  if (!open) {
    return (
      <p className="c-2 f12 line-row cols-told">
        <span>
          <Say
            id="import.columns"
            list={asked
              .filter((x) => columns[x] !== null)
              .map((x) => text("import.column", { what: text(NAMES[x]), column: columns[x] ?? "" }))
              .join(", ")}
          />
        </span>
        <Button kind="link" className="f12" onPress={() => setOpen(true)} data-testid="import-columns">
          <Say id="import.columns.change" />
        </Button>
      </p>
    );
  }
  return (
    <fieldset className="columns">
      <legend className={missing ? "med c-warn" : "med"}>
        <Say id={missing ? "import.columns.unknown" : "import.columns.which"} />
      </legend>
      <div className="pair even">
        {asked.map((column) => (
          <Select
            key={column}
            className="field"
            value={columns[column] ?? NONE}
            onChange={(key) => onChange({ ...columns, [column]: key === NONE || key === null ? null : String(key) })}
            data-testid={`column-${column}`}
          >
            <Label>
              <Say id={NAMES[column]} />
            </Label>
            <AriaButton className="input">
              <SelectValue className="grow cut text-left" />
              <Icon name="down" size="s" />
            </AriaButton>
            <Popover className="pop">
              <ListBox className="menu">
                <ListBoxItem id={NONE} className="menu-item" textValue={text("import.noColumn")}>
                  <span className="c-3">
                    <Say id="import.noColumn" />
                  </span>
                </ListBoxItem>
                {header.map((name) => (
                  <ListBoxItem key={name} id={name} className="menu-item" textValue={name}>
                    {name}
                  </ListBoxItem>
                ))}
              </ListBox>
            </Popover>
          </Select>
        ))}
      </div>
    </fieldset>
  );
}

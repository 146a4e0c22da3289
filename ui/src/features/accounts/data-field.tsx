/** A field that a payment system asks for, drawn from what the desk says of it. No system is known here by name. */
import { type Ref, useState } from "react";
import {
  Button as AriaButton,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  Text,
  TextArea,
  TextField,
} from "react-aria-components";
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import { useProblemTexts } from "../../components/problem";
import type { FormField, Problem } from "../../contract";
import { Say, useText } from "../../messages/text";

/** The problem's words, if it concerns this field. */
export function useFieldProblem(name: string, problem: Problem | null) {
  const texts = useProblemTexts();
  if (problem?.field !== name) return null;
  const words = texts(problem);
  return { title: words.title, hint: words.hint };
}

export function FieldProblem({ words }: { words: { title: string; hint: string } | null }) {
  return (
    <FieldError className="field-error">
      {words && (
        <>
          <span className="med">{words.title}</span> {words.hint}
        </>
      )}
    </FieldError>
  );
}

export interface DataFieldProps {
  field: FormField;
  value: string;
  onChange: (value: string) => void;
  problem: Problem | null;
  /** Comes before the field's name in its test id. */
  group: string;
  autoFocus?: boolean;
  /** Takes a whole line beside others that take half of one. */
  wide?: boolean;
  inputRef?: Ref<HTMLInputElement & HTMLTextAreaElement>;
}

export function DataField(props: DataFieldProps) {
  const { field, value, onChange } = props;
  const words = useFieldProblem(field.name, props.problem);
  if (field.options.length > 0) return <Choice {...props} words={words} />;
  if (field.multiline) return <Lines {...props} words={words} />;
  return (
    <TextField
      className={`field ${props.wide ? "wide" : ""}`}
      value={value}
      onChange={onChange}
      isInvalid={words !== null}
      type={field.secret ? "password" : "text"}
      autoFocus={props.autoFocus}
    >
      <Name field={field} />
      <Input
        ref={props.inputRef}
        className="input id"
        placeholder={field.example}
        {...PLAIN}
        autoComplete={field.secret ? "new-password" : "off"}
        data-testid={`${props.group}-${field.name}`}
      />
      <FieldHint field={field} />
      <FieldProblem words={words} />
    </TextField>
  );
}

const PLAIN = { autoCorrect: "off", autoCapitalize: "off", spellCheck: false } as const;

type Worded = DataFieldProps & { words: { title: string; hint: string } | null };

function Name({ field }: { field: FormField }) {
  return (
    <Label>
      {field.label}
      {!field.required && (
        <span className="c-3 font-normal">
          {" "}
          <Say id="field.optional" />
        </span>
      )}
    </Label>
  );
}

function FieldHint({ field }: { field: FormField }) {
  if (field.hint === "") return null;
  return (
    <Text slot="description" className="hint">
      {field.hint}
    </Text>
  );
}

/** Several lines, hidden while they are secret; shown only as long as somebody wants to check them. */
function Lines({ field, value, onChange, words, group, autoFocus, inputRef }: Worded) {
  const text = useText();
  const [shown, setShown] = useState(false);
  return (
    <TextField className="field" value={value} onChange={onChange} isInvalid={words !== null} autoFocus={autoFocus}>
      <span className="field-head">
        <Name field={field} />
        {field.secret && value !== "" && (
          <Button
            kind="link"
            className="f12"
            aria-pressed={shown}
            aria-label={text("field.showOf", { name: field.label })}
            onPress={() => setShown(!shown)}
          >
            <Say id={shown ? "field.hide" : "field.show"} />
          </Button>
        )}
      </span>
      <TextArea
        ref={inputRef}
        className={`input area id ${field.secret && !shown ? "masked" : ""}`}
        placeholder={field.example}
        rows={4}
        {...PLAIN}
        autoComplete="off"
        data-testid={`${group}-${field.name}`}
      />
      <FieldHint field={field} />
      <FieldProblem words={words} />
    </TextField>
  );
}

function Choice({ field, value, onChange, words, group, wide }: Worded) {
  const text = useText();
  return (
    <Select
      className={`field ${wide ? "wide" : ""}`}
      value={value === "" ? null : value}
      onChange={(key) => onChange(key === null ? "" : String(key))}
      placeholder={text("field.choose")}
      isInvalid={words !== null}
      data-testid={`${group}-${field.name}`}
    >
      <Name field={field} />
      <AriaButton className="input">
        <SelectValue className="grow cut text-left" />
        <Icon name="down" size="s" />
      </AriaButton>
      <FieldHint field={field} />
      <FieldProblem words={words} />
      <Popover className="pop">
        <ListBox className="menu">
          {field.options.map((option) => (
            <ListBoxItem
              key={option.value}
              id={option.value}
              className="menu-item"
              textValue={option.label}
              data-testid={`option-${option.value}`}
            >
              {option.label}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}

/** One step: what is chosen, what it did, what to do next. */
import { type FormEvent, useState } from "react";
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
  TextField,
} from "react-aria-components";
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import { ProblemNote, useProblemTexts } from "../../components/problem";
import type { FlowChoice, FlowStep, FlowStepDone, Problem } from "../../contract";
import { Say } from "../../messages/text";
import { resultLook } from "./results";
import { StepOutcome } from "./step-outcome";

const TEXT_CHARACTERS = 200;

export interface FlowStepBlockProps {
  number: number;
  step: FlowStep;
  /** What it did, oldest first; it may have been run several times. */
  done: FlowStepDone[];
  next: boolean;
  reachable: boolean;
  running: boolean;
  /** A step of this run is under way. */
  busy: boolean;
  problem: Problem | null;
  onRun: (choices: Record<string, string>) => void;
}

export function FlowStepBlock(props: FlowStepBlockProps) {
  const { number, step, done, next, reachable, running, problem } = props;
  const [again, setAgain] = useState(false);
  const [earlierShown, showEarlier] = useState(false);
  const last = done.at(-1);
  const earlier = done.slice(0, -1);
  const look = last ? resultLook(last.result) : null;
  const asks = reachable && (next || again || (!last && step.optional) || (!last && reachable));
  return (
    <li
      className={`walk-step ${next ? "next" : ""} ${!reachable && !last ? "later" : ""}`}
      aria-current={next ? "step" : undefined}
      data-testid={`step-${step.id}`}
      data-result={last?.result}
      data-outcome={last?.outcome}
    >
      <span className={`step-mark ${look ? look.colour : ""}`}>
        {running ? (
          <span className="spin" aria-hidden="true" />
        ) : look ? (
          <Icon name={look.icon} size="s" />
        ) : (
          <span aria-hidden="true">{number}</span>
        )}
      </span>
      <div className="grow step-in">
        <div className="step-head">
          <h3>{step.title}</h3>
          {step.optional && (
            <span className="c-3 f12">
              <Say id="bench.optional" />
            </span>
          )}
          <span className="grow" />
          {last && !next && !again && (
            <Button size="s" isDisabled={props.busy} onPress={() => setAgain(true)} data-testid={`again-${step.id}`}>
              <Say id="bench.runAgain" />
            </Button>
          )}
        </div>
        <p className="c-2">{step.about}</p>
        {earlier.length > 0 && (
          <div>
            <Button kind="link" className="f12" aria-expanded={earlierShown} onPress={() => showEarlier(!earlierShown)}>
              <Say id={earlierShown ? "bench.hideEarlier" : "bench.showEarlier"} n={earlier.length} />
            </Button>
            {earlierShown && earlier.map((x) => <StepOutcome key={x.at} done={x} />)}
          </div>
        )}
        {last && <StepOutcome done={last} newest />}
        {asks && (
          <Choices
            {...props}
            primary={next}
            onRun={(choices) => {
              setAgain(false);
              props.onRun(choices);
            }}
          />
        )}
        {problem && !step.choices.some((x) => x.id === problem.field) && <ProblemNote problem={problem} />}
      </div>
    </li>
  );
}

function Choices({ step, running, busy, primary, problem, done, onRun }: FlowStepBlockProps & { primary: boolean }) {
  const [chosen, setChosen] = useState<Record<string, string>>(() =>
    Object.fromEntries(step.choices.map((x) => [x.id, x.default])),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) onRun(chosen);
  };
  return (
    <form className="step-form" onSubmit={submit}>
      {step.choices.map((choice) => (
        <Choice
          key={choice.id}
          choice={choice}
          value={chosen[choice.id] ?? ""}
          onChange={(value) => setChosen((old) => ({ ...old, [choice.id]: value }))}
          problem={problem}
        />
      ))}
      <Button
        type="submit"
        kind={primary ? "primary" : "plain"}
        icon="play"
        isDisabled={busy}
        data-testid={`run-${step.id}`}
      >
        {running ? <Say id="bench.running" /> : <Say id={done.length > 0 ? "bench.runAgain" : "bench.run"} />}
      </Button>
    </form>
  );
}

/** React Aria keeps the empty key for itself. */
const NONE = "\u0000none";

function Choice(props: {
  choice: FlowChoice;
  value: string;
  onChange: (value: string) => void;
  problem: Problem | null;
}) {
  const { choice, value, onChange, problem } = props;
  const texts = useProblemTexts();
  const words = problem?.field === choice.id ? texts(problem) : null;
  const error = (
    <FieldError className="field-error">
      {words && (
        <>
          <span className="med">{words.title}</span> {words.hint}
        </>
      )}
    </FieldError>
  );
  if (choice.options.length === 0) {
    return (
      <TextField
        className="field"
        value={value}
        onChange={onChange}
        maxLength={TEXT_CHARACTERS}
        isInvalid={words !== null}
      >
        <Label>{choice.label}</Label>
        <Input className="input" autoComplete="off" spellCheck={false} data-testid={`choice-${choice.id}`} />
        {error}
      </TextField>
    );
  }
  return (
    <Select
      className="field"
      value={value || NONE}
      onChange={(key) => onChange(key === NONE || key === null ? "" : String(key))}
      isInvalid={words !== null}
      data-testid={`choice-${choice.id}`}
    >
      <Label>{choice.label}</Label>
      <AriaButton className="input">
        <SelectValue className="grow cut text-left" />
        <Icon name="down" size="s" />
      </AriaButton>
      {error}
      <Popover className="pop">
        <ListBox className="menu">
          {choice.options.map((option) => (
            <ListBoxItem
              key={option.value}
              id={option.value || NONE}
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

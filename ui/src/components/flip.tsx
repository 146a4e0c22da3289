/** The switch of a card: the word beside it says the value, colour only repeats it. */
import { Button, Switch } from "react-aria-components";
import { Hint } from "./button";

export interface FlipProps {
  on: boolean;
  label: string;
  /** The value in a word. */
  word: string;
  /** Asked and not yet confirmed. */
  pending: boolean;
  /** Why it cannot be pressed. */
  blocked: string | null;
  onFlip: (on: boolean) => void;
  testId: string;
}

export function Flip({ on, label, word, pending, blocked, onFlip, testId }: FlipProps) {
  if (blocked !== null) {
    return (
      <Hint text={blocked}>
        <Button
          className="flip-none"
          aria-label={`${label}: ${blocked}`}
          data-testid={testId}
          data-value={on ? "on" : "off"}
          data-blocked
        >
          –
        </Button>
      </Hint>
    );
  }
  return (
    <Switch
      className={`flip ${pending ? "pending" : ""}`}
      isSelected={on}
      onChange={onFlip}
      aria-label={label}
      data-testid={testId}
      data-value={on ? "on" : "off"}
      data-pending={pending || undefined}
    >
      <i aria-hidden="true" />
      <span className="flip-word">{word}</span>
    </Switch>
  );
}

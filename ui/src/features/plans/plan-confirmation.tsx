/** What a person has to type before a plan runs: nothing, the card's digits, the number of cards, a reason. */
import { Input, Label, TextField } from "react-aria-components";
import { Icon } from "../../components/icon";
import type { PlanConfirmation, PlanView } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { EnvMark } from "../shell/strip";

export const REASON_CHARACTERS = 255;

export interface Answer {
  typed: string;
  reason: string;
}

const LABELS: Record<string, MessageId> = {
  last4: "plan.typeLast4",
  id_end: "plan.typeId",
  count: "plan.typeCount",
  count_and_reason: "plan.typeCount",
};

/** Figures are read with and without marks between thousands; everything else as it is. */
const plain = (typed: string, counted: boolean) =>
  counted ? typed.replace(/[\s.,'’\u00a0\u202f]/g, "") : typed.trim();

export const needsReason = (asked: PlanConfirmation) => asked.kind === "count_and_reason";
export const needsText = (asked: PlanConfirmation) => asked.kind !== "nothing" && asked.expected !== null;

export function typedMatches(asked: PlanConfirmation, typed: string): boolean {
  if (!needsText(asked)) return true;
  const counted = asked.kind.startsWith("count");
  return plain(typed, counted) === plain(asked.expected ?? "", counted);
}

export const answered = (asked: PlanConfirmation, answer: Answer) =>
  typedMatches(asked, answer.typed) && (!needsReason(asked) || answer.reason.trim() !== "");

export function ConfirmationFields(props: {
  plan: PlanView;
  answer: Answer;
  onChange: (answer: Answer) => void;
  onEnter: () => void;
}) {
  const { plan, answer, onChange } = props;
  const text = useText();
  const asked = plan.confirmation;
  const matches = typedMatches(asked, answer.typed);
  const enter = (event: { key: string; continuePropagation: () => void }) => {
    if (event.key === "Enter") props.onEnter();
    // Every other key is the dialog's: Escape is the safe answer.
    else event.continuePropagation();
  };
  return (
    <div className={`plan-confirm ${plan.env}`} data-kind={asked.kind}>
      {needsText(asked) && (
        <div className="plan-confirm-env">
          <EnvMark env={plan.env} />
          <span className="f12 c-2">
            <Say id="plan.confirmEnv" env={plan.env} />
          </span>
        </div>
      )}
      <div className="pair">
        <TextField
          className="field"
          value={answer.reason}
          onChange={(reason) => onChange({ ...answer, reason })}
          maxLength={REASON_CHARACTERS}
          isRequired={needsReason(asked)}
          validationBehavior="aria"
          onKeyDown={enter}
        >
          <Label>
            <Say id={needsReason(asked) ? "plan.reasonNeeded" : "plan.reason"} />
          </Label>
          <Input className="input" dir="auto" placeholder={text("plan.reasonExample")} data-testid="plan-reason" />
        </TextField>
        {needsText(asked) && (
          <TextField
            className="field"
            value={answer.typed}
            onChange={(typed) => onChange({ ...answer, typed })}
            autoFocus
            onKeyDown={enter}
          >
            <Label>
              <Say
                id={LABELS[asked.kind] ?? "plan.typeCount"}
                text={asked.expected ?? ""}
                n={(asked.expected ?? "").length}
              />
            </Label>
            <div className="input-wrap">
              <Input className="input id" autoComplete="off" inputMode="numeric" data-testid="plan-confirm-text" />
              {matches && <Icon name="check" size="s" className="c-ok" />}
            </div>
          </TextField>
        )}
      </div>
    </div>
  );
}

/** The payment systems to choose from, on the left of the connect dialog. */
import { Label, Radio, RadioGroup } from "react-aria-components";
import { ProblemNote } from "../../components/problem";
import { useWaitedLong } from "../../components/skeleton";
import type { Problem, ProviderOption } from "../../contract";
import { Say } from "../../messages/text";

export interface SystemsListProps {
  options: ProviderOption[];
  waiting: boolean;
  problem: Problem | null;
  chosen: string;
  onChoose: (provider: string) => void;
}

export function SystemsList({ options, waiting, problem, chosen, onChoose }: SystemsListProps) {
  const long = useWaitedLong(waiting);
  return (
    <div className="providers">
      <RadioGroup value={chosen} onChange={onChoose} className="provider-list">
        <Label className="h3 semi">
          <Say id="connect.system" />
        </Label>
        {options.map((option) => (
          <Radio
            key={option.provider}
            value={option.provider}
            className="provider"
            data-testid={`provider-${option.provider}`}
          >
            <span className="radio" aria-hidden="true" />
            <span className="grow">
              <span className="med">{option.name}</span>
              {option.about !== "" && <span className="hint block">{option.about}</span>}
            </span>
            <span className="ab" aria-hidden="true">
              {option.code}
            </span>
          </Radio>
        ))}
      </RadioGroup>
      {long &&
        [90, 120, 80].map((width) => (
          <div key={width} className="provider" aria-hidden="true">
            <span className="sk" style={{ width }} />
          </div>
        ))}
      {problem && <ProblemNote problem={problem} />}
      <p className="hint">
        <Say id="connect.before" />
      </p>
    </div>
  );
}

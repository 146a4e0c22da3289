/** A line that opens what is behind it. What is closed is not in the page. */
import { type ReactNode, useId, useState } from "react";
import { Button } from "react-aria-components";
import { Icon } from "./icon";

export interface FoldoutProps {
  head: ReactNode;
  /** The head's place among the headings around it. */
  level: 2 | 3 | 4;
  children: ReactNode;
  open?: boolean;
  className?: string;
  headClass?: string;
  testId?: string;
}

export function Foldout({ head, level, children, open = false, className = "", headClass = "", testId }: FoldoutProps) {
  const id = useId();
  const [shown, show] = useState(open);
  const Heading = `h${level}` as const;
  return (
    <div className={`foldout ${className}`} data-open={shown || undefined}>
      <Heading className="h3">
        <Button
          className={`foldout-head ${headClass}`}
          aria-expanded={shown}
          aria-controls={shown ? id : undefined}
          onPress={() => show(!shown)}
          data-testid={testId}
        >
          <Icon name="down" size="s" className="foldout-mark" />
          {head}
        </Button>
      </Heading>
      {shown && <div id={id}>{children}</div>}
    </div>
  );
}

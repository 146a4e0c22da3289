import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps, Tooltip, TooltipTrigger } from "react-aria-components";
import { Icon, type IconName } from "./icon";

export interface ActionProps extends Omit<ButtonProps, "children" | "className"> {
  kind?: "plain" | "primary" | "danger" | "danger-quiet" | "ghost" | "link";
  size?: "s" | "m" | "l";
  icon?: IconName;
  children: ReactNode;
  className?: string;
  "data-testid"?: string;
}

export function Button({ kind = "plain", size = "m", icon, children, className = "", ...rest }: ActionProps) {
  const look = kind === "link" ? "link" : `btn ${kind} ${size}`;
  return (
    <AriaButton {...rest} className={`${look} ${className}`}>
      {icon && <Icon name={icon} size="s" />}
      {children}
    </AriaButton>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, "children" | "className"> {
  icon: IconName;
  /** The name, for the tooltip and for screen readers. */
  label: string;
  large?: boolean;
  className?: string;
  "data-testid"?: string;
}

export function IconButton({ icon, label, large, className = "", ...rest }: IconButtonProps) {
  return (
    <Hint text={label}>
      <AriaButton {...rest} aria-label={label} className={`icb ${large ? "l" : ""} ${className}`}>
        <Icon name={icon} size={large ? "m" : "s"} />
      </AriaButton>
    </Hint>
  );
}

/** Words on hover and on focus for something that can be focused. */
export function Hint({ text, children }: { text: ReactNode; children: ReactNode }) {
  return (
    <TooltipTrigger delay={400} closeDelay={80}>
      {children}
      <Tooltip className="hint-pop" offset={4}>
        {text}
      </Tooltip>
    </TooltipTrigger>
  );
}

/** Where an account is reached: typed where the system runs in many places, told where it has its own. */
import {
  Button as AriaButton,
  ComboBox,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Text,
} from "react-aria-components";
import { Icon } from "../../components/icon";
import type { Env, HostField as HostFacts, Problem } from "../../contract";
import { Say, useText } from "../../messages/text";
import { FieldProblem, useFieldProblem } from "./data-field";

/** Whether a host has to be typed; a demo account always runs on this computer. */
export const hostIsAsked = (host: HostFacts, env: Env) => env === "demo" || host.free;

const THIS_COMPUTER = "127.0.0.1:8090";

export interface HostFieldProps {
  host: HostFacts;
  env: Env;
  value: string;
  onChange: (value: string) => void;
  problem: Problem | null;
}

export function HostField({ host, env, value, onChange, problem }: HostFieldProps) {
  const text = useText();
  const words = useFieldProblem("host", problem);
  const known = env === "demo" ? [] : host.known;
  if (!hostIsAsked(host, env)) {
    return (
      <div className="field">
        <span className="field-label">
          <Say id="connect.host" />
        </span>
        <span className="input told id" data-testid="connect-host-told">
          {env === "live" ? host.live : host.test}
        </span>
      </div>
    );
  }
  return (
    <ComboBox
      className="field"
      allowsCustomValue
      menuTrigger="focus"
      inputValue={value}
      onInputChange={onChange}
      isInvalid={words !== null}
      items={known}
      // The whole list, whatever was typed: it is short, and a name does not look like its host.
      defaultFilter={() => true}
    >
      <Label>
        <Say id="connect.host" />
      </Label>
      <div className="input-wrap">
        <Input
          className="input id"
          data-testid="connect-host"
          placeholder={env === "demo" ? THIS_COMPUTER : (known[0]?.host ?? text("connect.hostExample"))}
          autoComplete="off"
          spellCheck={false}
        />
        {known.length > 0 && (
          <AriaButton className="icb" aria-label={text("connect.hostList")}>
            <Icon name="down" size="s" />
          </AriaButton>
        )}
      </div>
      {env === "demo" && (
        <Text slot="description" className="hint">
          <Say id="connect.hostDemo" />
        </Text>
      )}
      <FieldProblem words={words} />
      <Popover className="pop">
        <ListBox className="menu">
          {(item: { name: string; host: string }) => (
            <ListBoxItem id={item.host} className="menu-item" textValue={item.host}>
              <span className="grow">{item.name}</span>
              <span className="c-3 f12">{item.host}</span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}

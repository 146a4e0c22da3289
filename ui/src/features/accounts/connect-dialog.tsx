/** Connects an account. The key goes to the host and is forgotten here; a problem is shown at the field it concerns. */
import { type ReactNode, useState } from "react";
import {
  Button as AriaButton,
  ComboBox,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Radio,
  RadioGroup,
  Text,
  TextField,
} from "react-aria-components";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { ProblemNote, useProblemTexts } from "../../components/problem";
import type { AccountView, ConnectAccount, Env, Problem } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
import { ENV_WORD } from "../shell/strip";
import { CheckLines } from "./check-lines";

const ENVS: Env[] = ["demo", "test", "live"];

type FieldName = "host" | "space" | "user" | "key" | "label";

const EMPTY: ConnectAccount = { provider: "wallee", label: "", env: "test", host: "", space: "", user: "", key: "" };

export function ConnectDialog(props: {
  secrets?: string;
  onClose: () => void;
  onConnected: (account: AccountView) => void;
}) {
  const accounts = useRead("list_accounts", {});
  const test = useAct("test_connection");
  const connect = useAct("connect_account", ["status", "accounts", "cards"]);
  const [form, setForm] = useState<ConnectAccount>(EMPTY);
  const hosts = accounts.data?.known_hosts ?? [];
  const problem = connect.error ?? test.error;
  const busy = connect.isPending || test.isPending;

  const set = (change: Partial<ConnectAccount>) => {
    setForm((old) => ({ ...old, ...change }));
    // What was tested or refused is no longer what stands here.
    if (test.data || test.error) test.reset();
    if (connect.error) connect.reset();
  };
  const filled = [form.label, form.host, form.space, form.user, form.key].every((x) => x.trim() !== "");
  const submit = () => {
    if (filled && !busy) connect.mutate(form, { onSuccess: props.onConnected });
  };

  return (
    <Dialog
      width={780}
      title={<Say id="connect.title" provider="wallee" />}
      onClose={props.onClose}
      testId="connect-dialog"
      aside={<Providers />}
      footer={
        <>
          <span className="hint">
            <Say id="connect.then" />
          </span>
          <span className="grow" />
          <Button size="l" onPress={props.onClose}>
            <Say id="action.cancel" />
          </Button>
          <Button
            size="l"
            icon="plug"
            isDisabled={!filled || busy}
            onPress={() => test.mutate(form)}
            data-testid="test-connection"
          >
            {test.isPending ? <Say id="connect.testing" /> : <Say id="connect.test" />}
          </Button>
          <Button
            size="l"
            kind="primary"
            type="submit"
            form="connect-form"
            isDisabled={!filled || busy}
            data-testid="connect-submit"
          >
            {connect.isPending ? <Say id="connect.connecting" /> : <Say id="connect.connect" />}
          </Button>
        </>
      }
    >
      <form
        id="connect-form"
        className="connect-form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <RadioGroup
          className="field"
          value={form.env}
          onChange={(env) => set({ env: env as Env })}
          orientation="horizontal"
        >
          <Label>
            <Say id="connect.env" />
          </Label>
          <div className="seg">
            {ENVS.map((env) => (
              <Radio key={env} value={env} className={`seg-item ${env}`} data-testid={`env-${env}`}>
                <i aria-hidden="true" />
                <Say id={ENV_WORD[env]} />
              </Radio>
            ))}
          </div>
          <Text slot="description" className="hint">
            <Say id="connect.envHint" env={form.env} />
          </Text>
        </RadioGroup>
        <div className="pair even">
          <FieldOf name="label" label="connect.label" form={form} set={set} problem={problem} autoFocus />
          <HostField form={form} set={set} problem={problem} hosts={hosts} />
          <FieldOf name="space" label="connect.space" form={form} set={set} problem={problem} />
          <FieldOf name="user" label="connect.user" form={form} set={set} problem={problem} />
        </div>
        <FieldOf name="key" label="connect.key" form={form} set={set} problem={problem} secret>
          <Text slot="description" className="hint">
            <Say id="connect.keyHint" where={props.secrets ?? "keychain"} />
          </Text>
        </FieldOf>
      </form>
      {problem && !isField(problem.field) && <ProblemNote problem={problem} />}
      {test.data && <CheckLines result={test.data} />}
    </Dialog>
  );
}

const isField = (field: string | null): field is FieldName =>
  field !== null && ["host", "space", "user", "key", "label"].includes(field);

function Providers() {
  return (
    <div className="providers">
      <h3>
        <Say id="connect.system" />
      </h3>
      <div className="provider sel">
        <span className="radio on" aria-hidden="true" />
        <span className="grow">
          <span className="med">wallee</span>
          <span className="hint block">
            <Say id="connect.whiteLabels" />
          </span>
        </span>
        <span className="ab" aria-hidden="true">
          WA
        </span>
      </div>
      <p className="hint">
        <Say id="connect.onlyWallee" />
      </p>
      <p className="hint">
        <Say id="connect.permissions" />
      </p>
    </div>
  );
}

interface FieldProps {
  form: ConnectAccount;
  set: (change: Partial<ConnectAccount>) => void;
  problem: Problem | null;
}

function useFieldProblem(name: FieldName, problem: Problem | null) {
  const texts = useProblemTexts();
  if (problem?.field !== name) return null;
  const words = texts(problem);
  return { title: words.title, hint: words.hint };
}

function FieldProblem({ words }: { words: { title: string; hint: string } | null }) {
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

function FieldOf(
  props: FieldProps & {
    name: FieldName;
    label: MessageId;
    secret?: boolean;
    autoFocus?: boolean;
    children?: ReactNode;
  },
) {
  const { name, form, set, secret } = props;
  const words = useFieldProblem(name, props.problem);
  return (
    <TextField
      className="field"
      value={form[name]}
      onChange={(value) => set({ [name]: value })}
      isInvalid={words !== null}
      type={secret ? "password" : "text"}
      autoFocus={props.autoFocus}
    >
      <Label>
        <Say id={props.label} />
      </Label>
      <Input
        className="input id"
        data-testid={`connect-${name}`}
        autoComplete={secret ? "new-password" : "off"}
        autoCorrect="off"
        autoCapitalize="off"
        spellCheck={false}
      />
      {props.children}
      <FieldProblem words={words} />
    </TextField>
  );
}

function HostField({ form, set, problem, hosts }: FieldProps & { hosts: { name: string; host: string }[] }) {
  const text = useText();
  const words = useFieldProblem("host", problem);
  return (
    <ComboBox
      className="field"
      allowsCustomValue
      menuTrigger="focus"
      inputValue={form.host}
      onInputChange={(host) => set({ host })}
      isInvalid={words !== null}
      items={hosts}
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
          placeholder={text("connect.hostExample")}
          spellCheck={false}
        />
        <AriaButton className="icb" aria-label={text("connect.hostList")}>
          <Icon name="down" size="s" />
        </AriaButton>
      </div>
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

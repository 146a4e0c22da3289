/**
 * Connects an account of any payment system. What is asked comes from the desk; the secrets go to the host and are
 * forgotten here; a problem is shown at the field it concerns.
 */
import { useState } from "react";
import { Label, Radio, RadioGroup, Text } from "react-aria-components";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Foldout } from "../../components/foldout";
import { ProblemNote } from "../../components/problem";
import type { AccountView, ConnectAccount, Env, Problem, ProviderOption } from "../../contract";
import { Say, useText } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
import { ENV_WORD } from "../shell/strip";
import { CapabilityLines } from "./capability-lines";
import { CheckLines } from "./check-lines";
import { DataField, FieldProblem, useFieldProblem } from "./data-field";
import { HostField, hostIsAsked } from "./host-field";
import { SystemsList } from "./systems-list";

const ENVS: Env[] = ["demo", "test", "live"];

/** The members of the request that a payment system's own fields fill. */
const MEMBERS = ["space", "user", "connector", "key", "publishable_key"] as const;
type Member = (typeof MEMBERS)[number];

interface Form {
  label: string;
  env: Env;
  host: string;
  values: Partial<Record<Member, string>>;
}

const EMPTY: Form = { label: "", env: "test", host: "", values: {} };

/** What is sent: only what this system asks for. */
function asked(option: ProviderOption, form: Form, readOnly: boolean): ConnectAccount {
  const value = (name: Member) =>
    option.fields.some((x) => x.name === name) ? (form.values[name]?.trim() ?? "") : undefined;
  return {
    provider: option.provider,
    label: form.label.trim(),
    env: form.env,
    host: hostIsAsked(option.host, form.env) ? form.host.trim() : "",
    space: value("space") ?? "",
    user: value("user") ?? "",
    connector: value("connector") || null,
    key: value("key") ?? "",
    publishable_key: value("publishable_key") || null,
    read_only: readOnly,
  };
}

function isFilled(option: ProviderOption, form: Form): boolean {
  const needed = option.fields.filter((x) => x.required).map((x) => form.values[x.name as Member] ?? "");
  if (hostIsAsked(option.host, form.env)) needed.push(form.host);
  return [form.label, ...needed].every((x) => x.trim() !== "");
}

export function ConnectDialog(props: {
  secrets?: string;
  onClose: () => void;
  onConnected: (account: AccountView) => void;
}) {
  const text = useText();
  const options = useRead("provider_options", {});
  const test = useAct("test_connection");
  const connect = useAct("connect_account", ["status", "accounts", "cards"]);
  const [chosen, setChosen] = useState<string | null>(null);
  const [form, setForm] = useState<Form>(EMPTY);
  const items = options.data?.items ?? [];
  const option = items.find((x) => x.provider === chosen) ?? items[0];
  const problem = connect.error ?? test.error;
  const busy = connect.isPending || test.isPending;

  // What was tested or refused is no longer what stands here.
  const changed = () => {
    if (test.data || test.error) test.reset();
    if (connect.error) connect.reset();
  };
  const set = (change: Partial<Form>) => {
    setForm((old) => ({ ...old, ...change }));
    changed();
  };
  const choose = (provider: string) => {
    setChosen(provider);
    // A secret typed for one system never goes to another.
    setForm(({ label, env }) => ({ ...EMPTY, label, env }));
    changed();
  };
  const ready = option !== undefined && isFilled(option, form) && !busy;
  const submit = (readOnly: boolean) => {
    if (ready) connect.mutate(asked(option, form, readOnly), { onSuccess: props.onConnected });
  };
  const readOnly = connect.isPending && connect.variables?.read_only;

  return (
    <Dialog
      width={840}
      title={<Say id="connect.title" provider={option?.name ?? ""} />}
      // An answer on its way is waited for: a refusal must be seen.
      onClose={connect.isPending ? () => {} : props.onClose}
      testId="connect-dialog"
      aside={
        <SystemsList
          options={items}
          waiting={options.isPending}
          problem={options.error}
          chosen={option?.provider ?? ""}
          onChoose={choose}
        />
      }
      footer={
        <>
          <Button
            size="l"
            icon="plug"
            isDisabled={!ready}
            onPress={() => option && test.mutate(asked(option, form, false))}
            data-testid="test-connection"
          >
            {test.isPending ? <Say id="connect.testing" /> : <Say id="connect.test" />}
          </Button>
          <span className="hint grow">
            <Say id="connect.then" />
          </span>
          <Button size="l" onPress={props.onClose} isDisabled={connect.isPending}>
            <Say id="action.cancel" />
          </Button>
          <Button size="l" isDisabled={!ready} onPress={() => submit(true)} data-testid="connect-read-only">
            {readOnly ? <Say id="connect.connecting" /> : <Say id="connect.readOnly" />}
          </Button>
          <Button
            size="l"
            kind="primary"
            type="submit"
            form="connect-form"
            isDisabled={!ready}
            data-testid="connect-submit"
          >
            {connect.isPending && !readOnly ? <Say id="connect.connecting" /> : <Say id="connect.connect" />}
          </Button>
        </>
      }
    >
      {option && (
        <form
          id="connect-form"
          className="connect-form"
          aria-label={text("connect.title", { provider: option.name })}
          onSubmit={(event) => {
            event.preventDefault();
            submit(false);
          }}
        >
          <Environment option={option} env={form.env} onChange={(env) => set({ env })} problem={problem} />
          <Fields
            // Fresh fields for each system: nothing of another one's is kept in them.
            key={option.provider}
            option={option}
            form={form}
            set={set}
            problem={problem}
          />
          {option.fields.some((x) => x.secret) && (
            <p className="hint">
              <Say id="connect.keyHint" where={props.secrets ?? "keychain"} />
            </p>
          )}
        </form>
      )}
      {option && problem && !isShown(option, problem.field) && <ProblemNote problem={problem} />}
      {test.data && <CheckLines result={test.data} />}
      {option && <Abilities key={`${option.provider} ${test.data !== undefined}`} option={option} open={!test.data} />}
    </Dialog>
  );
}

/** Whether a field on screen shows the problem. */
const isShown = (option: ProviderOption, field: string | null) =>
  field !== null && (["label", "host", "env"].includes(field) || option.fields.some((x) => x.name === field));

function Environment(props: {
  option: ProviderOption;
  env: Env;
  onChange: (env: Env) => void;
  problem: Problem | null;
}) {
  const words = useFieldProblem("env", props.problem);
  return (
    <RadioGroup
      className="field"
      value={props.env}
      onChange={(env) => props.onChange(env as Env)}
      orientation="horizontal"
      isInvalid={words !== null}
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
        <Say id="connect.envHint" env={props.env} from={props.option.environment_from} />
      </Text>
      <FieldProblem words={words} />
    </RadioGroup>
  );
}

const LABEL = {
  name: "label",
  hint: "",
  example: "",
  secret: false,
  required: true,
  multiline: false,
  options: [],
  replaceable: false,
};

function Fields(props: {
  option: ProviderOption;
  form: Form;
  set: (change: Partial<Form>) => void;
  problem: Problem | null;
}) {
  const { option, form, set, problem } = props;
  const text = useText();
  const own = (multiline: boolean) =>
    option.fields
      .filter((x) => x.multiline === multiline)
      .map((field, at, all) => (
        <DataField
          key={field.name}
          // Name and host stand before them, two in a line.
          wide={!multiline && all.length % 2 === 1 && at === all.length - 1}
          field={field}
          value={form.values[field.name as Member] ?? ""}
          onChange={(value) => set({ values: { ...form.values, [field.name]: value } })}
          problem={problem}
          group="connect"
        />
      ));
  return (
    <>
      <div className="pair even">
        <DataField
          field={{ ...LABEL, label: text("connect.label") }}
          value={form.label}
          onChange={(label) => set({ label })}
          problem={problem}
          group="connect"
          autoFocus
        />
        <HostField
          host={option.host}
          env={form.env}
          value={form.host}
          onChange={(host) => set({ host })}
          problem={problem}
        />
        {own(false)}
      </div>
      {own(true)}
    </>
  );
}

/** What the system can and cannot do, before anybody connects it. */
function Abilities({ option, open }: { option: ProviderOption; open: boolean }) {
  return (
    <Foldout level={2} open={open} testId="abilities" head={<Say id="connect.can" provider={option.name} />}>
      <CapabilityLines lines={option.capabilities} />
    </Foldout>
  );
}

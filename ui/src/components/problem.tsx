/** A problem in words, next to what it concerns. */
import type { ReactNode } from "react";
import { useState } from "react";
import { useIntl } from "react-intl";
import type { Problem, ProblemCode } from "../contract";
import { type MessageId, messageOf, Say, useText } from "../messages/text";
import { Button } from "./button";
import { CopyButton } from "./copy";
import { Icon } from "./icon";

interface ProblemTexts {
  title: MessageId;
  hint?: MessageId;
}

// Where the desk's own words say more than a code can (which account, what the provider answered), there is no entry.
const TEXTS: Partial<Record<ProblemCode, ProblemTexts>> = {
  host_malformed: { title: "problem.hostMalformed", hint: "problem.hostMalformed.hint" },
  host_not_https: { title: "problem.hostNotHttps", hint: "problem.hostNotHttps.hint" },
  host_not_loopback: { title: "problem.hostNotLoopback" },
  key_malformed: { title: "problem.keyMalformed", hint: "problem.keyMalformed.hint" },
  nothing_connected: { title: "problem.nothingConnected" },
  card_number: { title: "problem.cardNumber", hint: "problem.cardNumber.hint" },
  query_too_long: { title: "problem.queryTooLong", hint: "problem.queryTooLong.hint" },
  change_too_late: { title: "problem.changeTooLate", hint: "problem.changeTooLate.hint" },
  change_not_in_conflict: { title: "problem.changeNotInConflict" },
  change_may_be_done: { title: "problem.changeMayBeDone", hint: "problem.changeMayBeDone.hint" },
  change_not_stuck: { title: "problem.changeNotStuck" },
  card_unknown: { title: "problem.cardUnknown" },
  person_unknown: { title: "problem.personUnknown", hint: "problem.personUnknown.hint" },
  confirmation_missing: { title: "problem.confirmationMissing" },
  reason_too_long: { title: "problem.reasonTooLong" },
  already_running: { title: "problem.alreadyRunning" },
  internal: { title: "problem.internal", hint: "problem.internal.hint" },
};

/** The texts to show: from the catalogue where it knows the code, else the desk's own. */
export function useProblemTexts() {
  const intl = useIntl();
  return (problem: Problem) => {
    const entry = TEXTS[problem.code];
    const say = (id: MessageId | undefined, own: string) => {
      if (!id) return own;
      const needed = [...(messageOf(id) ?? "").matchAll(/\{(\w+)/g)].map((m) => m[1] as string);
      const given = needed.every((name) => name in problem.params);
      return given ? String(intl.formatMessage({ id }, problem.params)) : own;
    };
    return {
      title: say(entry?.title, problem.title) || intl.formatMessage({ id: "problem.internal" satisfies MessageId }),
      detail: problem.detail,
      hint: entry?.hint ? say(entry.hint, problem.hint) : problem.hint,
    };
  };
}

export function ProblemNote(props: {
  problem: Problem;
  children?: ReactNode;
  level?: "danger" | "warn";
  onClose?: () => void;
}) {
  const { problem, level = "danger" } = props;
  const words = useProblemTexts()(problem);
  const [open, setOpen] = useState(false);
  const text = useText();
  return (
    <div className={`note ${level}`} role="alert" data-problem={problem.code}>
      <Icon name="alert" />
      <div className="grow">
        <div className="semi">{words.title}</div>
        {words.detail && <div className="c-2">{words.detail}</div>}
        {words.hint && <div className="c-2">{words.hint}</div>}
        <div className="note-acts">
          {props.children}
          <span className="grow" />
          <Button kind="link" className="f12" onPress={() => setOpen(!open)} aria-expanded={open}>
            {open ? <Say id="problem.hideDetails" /> : <Say id="problem.details" />}
          </Button>
          {props.onClose && (
            <Button kind="link" className="f12" onPress={props.onClose}>
              <Say id="action.close" />
            </Button>
          )}
        </div>
        {open && (
          <dl className="dl tech f12">
            <dt>
              <Say id="problem.code" />
            </dt>
            <dd className="id">{problem.code}</dd>
            {problem.request_id && (
              <>
                <dt>
                  <Say id="problem.request" />
                </dt>
                <dd className="id line-row">
                  {problem.request_id}
                  <CopyButton value={problem.request_id} label={text("copy.requestId")} />
                </dd>
              </>
            )}
          </dl>
        )}
      </div>
    </div>
  );
}

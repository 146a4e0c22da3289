/** What was asked and is not confirmed yet, what needs a person, and what the payment system has confirmed. */
import { useState } from "react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { BrandMark } from "../../components/brand-mark";
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { PanelSkeleton, useWaitedLong } from "../../components/skeleton";
import { useTimes } from "../../components/time";
import type { ChangeView } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
import { wishKey } from "../person/card-words";
import { ChangeActions, NoteInstead, StuckWords } from "../person/pending-line";
import { useView } from "../shell/view";

const SHOWN = 500;

const GROUPS: { status: string; title: MessageId; means: MessageId }[] = [
  { status: "stuck", title: "changes.needsYou", means: "changes.needsYou.means" },
  { status: "sending", title: "changes.sending", means: "changes.sending.means" },
  { status: "waiting", title: "changes.waiting", means: "changes.waiting.means" },
  { status: "done", title: "changes.done", means: "changes.done.means" },
  { status: "withdrawn", title: "changes.withdrawn", means: "changes.withdrawn.means" },
];

type Filter = "open" | "stuck" | "done";
const SHOWS: Record<Filter, string[]> = {
  open: ["stuck", "sending", "waiting", "done"],
  stuck: ["stuck"],
  done: ["done", "withdrawn"],
};

export function ChangesScreen() {
  const view = useView();
  const text = useText();
  const list = useRead(
    "list_changes",
    { env: view.env, open_only: false, statuses: [], mine_only: false, after: null, limit: SHOWN },
    { keep: true },
  );
  const push = useAct("push_changes", ["changes", "status", "cards"]);
  const long = useWaitedLong(list.isPending);
  const [filter, setFilter] = useState<Filter>("open");
  const items = list.data?.items ?? [];
  const count = (status: string) => items.filter((x) => x.status === status).length;
  const [waiting, sending, stuck] = [count("waiting"), count("sending"), count("stuck")];
  const chips: { id: Filter; word: MessageId; n: number }[] = [
    { id: "open", word: "changes.filterOpen", n: waiting + sending + stuck },
    { id: "stuck", word: "changes.filterStuck", n: stuck },
    { id: "done", word: "changes.filterDone", n: count("done") },
  ];
  const groups = GROUPS.filter((g) => SHOWS[filter].includes(g.status)).map((group) => ({
    ...group,
    // What waits goes out in this order; what ended is newest first.
    items: items
      .filter((x) => x.status === group.status)
      .sort((a, b) =>
        group.status === "waiting"
          ? a.created_at.localeCompare(b.created_at)
          : b.updated_at.localeCompare(a.updated_at),
      ),
  }));
  const any = groups.some((g) => g.items.length > 0);
  return (
    <section className="changes" aria-labelledby="changes-title">
      <div className="rh">
        <h1 id="changes-title" className="h2">
          <Say id="nav.changes" />
        </h1>
        <span className="c-2 cut">
          {waiting + sending + stuck > 0 ? (
            <Say id="changes.summary" n={waiting + sending + stuck} stuck={stuck} />
          ) : (
            <Say id="changes.nothingOpen" />
          )}
        </span>
        <span className="grow" />
        <ToggleButtonGroup
          className="chips-in"
          aria-label={text("changes.filterLabel")}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[filter]}
          onSelectionChange={(keys) => setFilter([...keys][0] as Filter)}
        >
          {chips.map(({ id, word, n }) => (
            <ToggleButton key={id} id={id} className="chip">
              <Say id={word} n={n} />
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
        <Button
          icon="out"
          isDisabled={waiting === 0 || push.isPending}
          onPress={() => push.mutate({ env: view.env })}
          data-testid="push-changes"
        >
          {push.isPending ? <Say id="changes.pushing" /> : <Say id="changes.push" />}
        </Button>
      </div>
      <div className="wrap" data-scroll>
        {list.error && <ProblemNote problem={list.error} />}
        {push.error && <ProblemNote problem={push.error} />}
        {push.data?.problem && <ProblemNote problem={push.data.problem} level="warn" onClose={push.reset} />}
        {long && <PanelSkeleton />}
        {list.data && !any && (
          <div className="none-here">
            <h2>
              <Say id="changes.empty" />
            </h2>
            <p className="c-2">
              <Say id="changes.emptyText" />
            </p>
          </div>
        )}
        {groups.map((group) =>
          group.items.length === 0 ? null : (
            <section key={group.status} className="cs" aria-labelledby={`group-${group.status}`}>
              <div className="sect">
                <h2 id={`group-${group.status}`} className="h3">
                  <Say id={group.title} />
                </h2>
                <span className={`badge ${group.status === "stuck" ? "warn" : ""}`}>{group.items.length}</span>
                <span className="c-3 f12">
                  <Say id={group.means} />
                </span>
              </div>
              <ul className="panel">
                {group.items.map((change) => (
                  <ChangeRow key={change.id} change={change} />
                ))}
              </ul>
            </section>
          ),
        )}
      </div>
    </section>
  );
}

function ChangeRow({ change }: { change: ChangeView }) {
  const times = useTimes();
  return (
    <li className="change" data-testid="change-row" data-status={change.status}>
      <div className="change-in">
        <span className={`lead ${change.status}`}>
          <Lead status={change.status} />
        </span>
        <span className="cut">
          <Say id="change.what" wish={wishKey(change)} />
          {change.reason && (
            <span className="c-3" title={change.reason}>
              {" "}
              <Say id="change.reason" reason={change.reason} />
            </span>
          )}
        </span>
        <span className="card-title">
          <BrandMark brand={change.brand_name} name={change.brand_name} />
          {change.last4 ? (
            <span className="l4">
              <i aria-hidden="true">••••</i>
              {change.last4}
            </span>
          ) : (
            <span className="id c-2">{change.remote_id}</span>
          )}
        </span>
        <span className="cut c-2" title={change.email ?? undefined}>
          {change.email ?? <Say id="person.noEmail" />}
        </span>
        <span className="cut c-2" dir="auto">
          {change.account_label}
        </span>
        <time className="c-3 f12 cut" dateTime={change.updated_at} title={times.exact(change.updated_at)}>
          <ChangeWhen change={change} />
        </time>
        <span className="act">
          <ChangeActions change={change} />
        </span>
      </div>
      {change.status === "stuck" && (
        <div className="why">
          <p>
            <StuckWords change={change} />
          </p>
          <div className="why-acts">
            <NoteInstead change={change} />
            {change.problem && (
              <details>
                <summary className="link f12">
                  <Say id="problem.details" />
                </summary>
                <ProblemNote problem={change.problem} level="warn" />
              </details>
            )}
          </div>
        </div>
      )}
    </li>
  );
}

function Lead({ status }: { status: string }) {
  if (status === "sending") return <span className="spin" aria-hidden="true" />;
  if (status === "stuck") return <Icon name="alert" />;
  if (status === "done") return <Icon name="check" />;
  if (status === "withdrawn") return <Icon name="undo" />;
  return <Icon name="clock" />;
}

function ChangeWhen({ change }: { change: ChangeView }) {
  const times = useTimes();
  const at = times.at(change.updated_at);
  if (change.status === "stuck") return <Say id="change.tries" n={change.attempts} at={at} />;
  if (change.status === "sending") return <Say id="change.askedAt" at={times.at(change.created_at)} />;
  if (change.status === "done") return <>{at}</>;
  if (change.status === "withdrawn") return <Say id="change.withdrawn" why={change.why ?? "other"} at={at} />;
  if (change.held_up_by) return <Say id="change.heldUp" by={change.held_up_by} />;
  if (change.next_attempt_at) return <Say id="change.nextAt" at={times.at(change.next_attempt_at)} />;
  return <Say id="change.decidedAt" at={times.at(change.created_at)} />;
}

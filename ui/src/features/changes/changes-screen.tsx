/** What was asked and is not confirmed yet, what needs a person, and what the payment system has confirmed. */
import { type ReactNode, useRef, useState } from "react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { useIntl } from "react-intl";
import { Button } from "../../components/button";
import { ProblemNote } from "../../components/problem";
import { PanelSkeleton, useWaitedLong } from "../../components/skeleton";
import type { ChangeCounts, ChangeView } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { PlansUnderWay } from "../plans/plan-list";
import { useView } from "../shell/view";
import { ChangeRow } from "./change-row";
import { useKeptFocus } from "./kept-focus";
import { type Changes, useChanges } from "./use-changes";

/** Of what is done, this many beside what is open. */
const DONE_BESIDE = 5;

type Filter = "open" | "needsYou" | "done";

const isToday = (change: ChangeView) => new Date(change.updated_at).toDateString() === new Date().toDateString();
// Answers come newest first, also those of one moment.
const oldestFirst = (items: ChangeView[]) =>
  [...items].reverse().sort((a, b) => a.created_at.localeCompare(b.created_at));
const lastMovedFirst = (a: ChangeView, b: ChangeView) => b.updated_at.localeCompare(a.updated_at);

export function ChangesScreen() {
  const view = useView();
  const text = useText();
  const push = useAct("push_changes", ["changes", "status", "cards"]);
  const [filter, setFilter] = useState<Filter>("open");
  const [mine, setMine] = useState(false);
  const { env } = view;
  const open = filter === "open";
  const held = useChanges({ env, mine, statuses: ["held"], enabled: open });
  const needsYou = useChanges({ env, mine, statuses: ["conflict", "stuck"], enabled: filter !== "done" });
  const sending = useChanges({ env, mine, statuses: ["sending"], enabled: open });
  const waiting = useChanges({ env, mine, statuses: ["waiting"], enabled: open });
  const done = useChanges({ env, mine, statuses: ["done"], enabled: filter !== "needsYou" });
  const withdrawn = useChanges({ env, mine, statuses: ["withdrawn"], enabled: filter === "done" });
  const asked = { open: [held, needsYou, sending, waiting, done], needsYou: [needsYou], done: [done, withdrawn] }[
    filter
  ];
  const problem = asked.find((x) => x.problem)?.problem ?? null;
  const reading = asked.some((x) => x.waiting);
  const long = useWaitedLong(reading);

  const sure = (changes: Changes) => changes.items.filter((x) => !x.may_be_done);
  const unsure = [...sending.items, ...waiting.items].filter((x) => x.may_be_done);
  const today = done.items.filter(isToday);
  const counts = view.here.changes;
  const needed = counts.stuck + counts.conflict;
  const offline = view.here.network.kind === "offline";
  const all = counts.held + counts.waiting + counts.sending + needed;
  const list = useRef<HTMLDivElement>(null);
  useKeptFocus(list);

  const groups: Group[] = [
    {
      id: "held",
      title: "changes.held",
      means: "changes.held.means",
      items: oldestFirst(held.items),
      more: held,
      in: ["open"],
    },
    {
      id: "needs-you",
      title: "changes.needsYou",
      means: "changes.needsYou.means",
      warn: true,
      items: [...needsYou.items].sort(lastMovedFirst),
      more: needsYou,
      in: ["open", "needsYou"],
    },
    {
      id: "sending",
      title: "changes.sending",
      means: "changes.sending.means",
      items: oldestFirst(sure(sending)),
      more: sending,
      in: ["open"],
    },
    {
      id: "waiting",
      title: offline ? "changes.waitingOffline" : "changes.waiting",
      means: waiting.hasMore ? "changes.waiting.newest" : "changes.waiting.means",
      items: waiting.hasMore ? sure(waiting) : oldestFirst(sure(waiting)),
      more: waiting,
      in: ["open"],
    },
    { id: "unsure", title: "changes.unsure", means: "changes.unsure.means", items: unsure, in: ["open"] },
    {
      id: "today",
      title: "changes.today",
      means: "changes.done.means",
      items: [...today].sort(lastMovedFirst).slice(0, DONE_BESIDE),
      total: done.hasMore && today.length === done.items.length ? null : today.length,
      end:
        today.length > DONE_BESIDE ? (
          <Button kind="link" className="f12" onPress={() => setFilter("done")} data-testid="show-done">
            <Say id="changes.showDone" />
          </Button>
        ) : null,
      in: ["open"],
    },
    {
      id: "done",
      title: "changes.done",
      means: "changes.done.means",
      items: [...done.items].sort(lastMovedFirst),
      more: done,
      in: ["done"],
    },
    {
      id: "withdrawn",
      title: "changes.withdrawn",
      means: "changes.withdrawn.means",
      items: [...withdrawn.items].sort(lastMovedFirst),
      more: withdrawn,
      in: ["done"],
    },
  ];
  const shown = groups.filter((group) => group.in.includes(filter) && group.items.length > 0);
  const chips: { id: Filter; word: MessageId; n: number }[] = [
    { id: "open", word: "changes.filterOpen", n: all },
    { id: "needsYou", word: "changes.filterNeedsYou", n: needed },
    { id: "done", word: "changes.filterDone", n: 0 },
  ];
  return (
    <section className="changes" aria-labelledby="changes-title">
      <div className="rh">
        <h1 id="changes-title" className="h2">
          <Say id="nav.changes" />
        </h1>
        <span className="c-2 rh-words">
          <Summary counts={counts} offline={offline} />
        </span>
        <span className="grow" />
        <div className="chips-in">
          <ToggleButtonGroup
            className="chips-in"
            aria-label={text("changes.filterLabel")}
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[filter]}
            onSelectionChange={(keys) => setFilter([...keys][0] as Filter)}
          >
            {chips.map(({ id, word, n }) => (
              <ToggleButton key={id} id={id} className="chip" data-testid={`filter-${id}`}>
                <Say id={word} n={n} />
              </ToggleButton>
            ))}
          </ToggleButtonGroup>
          <ToggleButton className="chip" isSelected={mine} onChange={setMine} data-testid="mine-only">
            <Say id="changes.mineOnly" />
          </ToggleButton>
        </div>
        <Button
          icon="out"
          isDisabled={counts.held + counts.waiting === 0}
          onPress={() => {
            if (!push.isPending) push.mutate({ env });
          }}
          data-testid="push-changes"
        >
          {push.isPending ? <Say id="changes.pushing" /> : <Say id="changes.push" />}
        </Button>
      </div>
      <div ref={list} className="wrap" data-scroll>
        <PlansUnderWay />
        {problem && <ProblemNote problem={problem} />}
        {push.error && <ProblemNote problem={push.error} onClose={push.reset} />}
        {push.data?.problem && <ProblemNote problem={push.data.problem} level="warn" onClose={push.reset} />}
        {long && shown.length === 0 && <PanelSkeleton />}
        {!reading && !problem && shown.length === 0 && <Nothing filter={filter} mine={mine} />}
        {shown.map((group) => (
          <GroupOf key={group.id} group={group} />
        ))}
      </div>
    </section>
  );
}

interface Group {
  id: string;
  title: MessageId;
  means: MessageId;
  warn?: boolean;
  items: ChangeView[];
  /** How many there are, where it is not just those shown; `null` when there are more than is known. */
  total?: number | null;
  more?: Changes;
  end?: ReactNode;
  in: Filter[];
}

function GroupOf({ group }: { group: Group }) {
  const { more } = group;
  const total = group.total === undefined ? group.items.length : group.total;
  const atLeast = more?.hasMore || total === null;
  return (
    <section className="cs" aria-labelledby={`group-${group.id}`}>
      <div className="sect">
        <h2 id={`group-${group.id}`} className="h3">
          <Say id={group.title} />
        </h2>
        <span className={`badge ${group.warn ? "warn" : ""}`}>
          <Say id={atLeast ? "changes.atLeast" : "number"} n={total ?? group.items.length} />
        </span>
        <span className="c-3 f12">
          <Say id={group.means} />
        </span>
        <span className="grow" />
        {group.end}
      </div>
      <ul className="panel">
        {group.items.map((change) => (
          <ChangeRow key={change.id} change={change} />
        ))}
      </ul>
      {more?.hasMore && (
        <Button kind="link" className="f12 show-older" onPress={more.more} data-testid={`older-${group.id}`}>
          {more.busy ? <Say id="action.working" /> : <Say id="changes.older" />}
        </Button>
      )}
    </section>
  );
}

function Summary({ counts, offline }: { counts: ChangeCounts; offline: boolean }) {
  const intl = useIntl();
  const text = useText();
  const needed = counts.stuck + counts.conflict;
  const all = counts.held + counts.waiting + counts.sending + needed;
  if (all === 0) return <Say id="changes.nothingOpen" />;
  if (offline && all === counts.waiting) return <Say id="changes.summaryOffline" n={all} />;
  const parts: [string, number][] = [
    ["held", counts.held],
    ["sending", counts.sending],
    ["waiting", counts.waiting],
    ["needsYou", needed],
  ];
  const words = parts.filter(([, n]) => n > 0).map(([kind, n]) => text("changes.part", { kind, n }));
  return <Say id="changes.summary" n={all} parts={intl.formatList(words, { type: "unit" })} />;
}

function Nothing({ filter, mine }: { filter: Filter; mine: boolean }) {
  return (
    <div className="none-here">
      <h2>
        <Say id="changes.empty" filter={filter} />
      </h2>
      <p className="c-2">{mine ? <Say id="changes.emptyMine" /> : <Say id="changes.emptyText" filter={filter} />}</p>
    </div>
  );
}

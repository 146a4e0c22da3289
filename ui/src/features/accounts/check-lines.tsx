/** A test of a connection, line by line. */
import { Icon, type IconName } from "../../components/icon";
import { ProblemNote, useProblemTexts } from "../../components/problem";
import { useTimes } from "../../components/time";
import type { CheckLine, CheckResult, Problem } from "../../contract";
import { type MessageId, Say } from "../../messages/text";

const STEPS: Record<string, MessageId> = {
  reach: "check.reach",
  sign_in: "check.signIn",
  read_tokens: "check.readTokens",
  read_versions: "check.readVersions",
  search: "check.search",
  environment: "check.environment",
  clock: "check.clock",
  read_customers: "check.readCustomers",
  events: "check.events",
  publishable_key: "check.publishableKey",
};

/** Whose fact is how many were seen. */
const COUNTED = ["read_tokens", "read_versions", "read_customers"];

const SIGNS: Record<string, { icon: IconName; look: string }> = {
  works: { icon: "check", look: "c-ok" },
  limited: { icon: "alert", look: "c-warn" },
  fails: { icon: "alert", look: "c-danger" },
};

export function CheckLines({ result }: { result: CheckResult }) {
  const times = useTimes();
  const verdict = result.works ? (result.limited ? "limited" : "works") : "fails";
  const sign = SIGNS[verdict] ?? { icon: "info", look: "c-3" };
  const broken = result.lines.find((x) => x.outcome === "fails" && x.problem);
  return (
    <section className="panel check" data-testid="check-result" data-verdict={verdict} aria-live="polite">
      <header>
        <Icon name={sign.icon} size="s" className={sign.look} />
        <span className="semi">
          <Say id="check.verdict" verdict={verdict} />
        </span>
        <span className="c-3 f12" title={times.exact(result.at)}>
          <Say id="check.when" at={times.at(result.at)} s={result.took_ms / 1000} />
        </span>
      </header>
      <ul>
        {result.lines.map((line) => (
          <Line key={line.step} line={line} ahead={result.clock_ahead_s} />
        ))}
      </ul>
      {broken?.problem && (
        <div className="check-problem">
          <ProblemNote problem={broken.problem} />
        </div>
      )}
    </section>
  );
}

function Line({ line, ahead }: { line: CheckLine; ahead: number | null }) {
  const sign = SIGNS[line.outcome];
  const step = STEPS[line.step];
  return (
    <li>
      <span className={sign?.look ?? "c-3"}>
        <Icon name={sign?.icon ?? "info"} size="s" />
      </span>
      <span className={`grow ${line.outcome === "not_tried" ? "c-3" : ""}`}>
        <Say id={step ?? "check.other"} outcome={line.outcome} says={line.says} />{" "}
        <span className="c-2">
          <Fact line={line} ahead={ahead} />
        </span>
        {line.outcome === "limited" && line.problem && <Limit problem={line.problem} />}
      </span>
      {line.outcome !== "not_tried" && line.took_ms > 0 && (
        <span className="c-3 f12">
          <Say id="check.ms" ms={line.took_ms} />
        </span>
      )}
    </li>
  );
}

/** What is missing, under its own line: several can be. */
function Limit({ problem }: { problem: Problem }) {
  const words = useProblemTexts()(problem);
  return (
    <span className="block c-2 f12">
      {words.title} {words.hint}
    </span>
  );
}

/** The facts of a line in words. Numbers come bare, "100+" for at least so many. */
function Fact({ line, ahead }: { line: CheckLine; ahead: number | null }) {
  const { step, fact } = line;
  if (step === "clock") {
    const s = ahead ?? (fact === null ? Number.NaN : Number(fact));
    if (Number.isNaN(s)) return null;
    return <Say id="check.ahead" s={Math.abs(s)} way={s === 0 ? "same" : s > 0 ? "ahead" : "behind"} />;
  }
  if (fact === null) return null;
  const seen = /^(\d+)(\+?)$/.exec(fact);
  if (seen && COUNTED.includes(step))
    return <Say id={seen[2] ? "check.seenAtLeast" : "check.seen"} n={Number(seen[1])} />;
  if (step === "scope") return <Say id="check.space" name={fact} />;
  return <>{fact}</>;
}

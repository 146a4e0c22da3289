/** Tokens that work once: what each stands for, and how long it still works. */
import { CopyButton } from "../../components/copy";
import { useSecondsLeft } from "../../components/countdown";
import { ProblemNote } from "../../components/problem";
import { useTimes } from "../../components/time";
import type { AccountView, SingleUseView } from "../../contract";
import { Say, useText } from "../../messages/text";
import { deadlineOf, tokenKey } from "../../platform/deadlines";
import { useRead } from "../../platform/queries";

export function SingleUseList({ account }: { account: AccountView }) {
  const tokens = useRead("single_use_tokens", { account_id: account.id });
  const items = tokens.data?.items ?? [];
  if (tokens.error) return <ProblemNote problem={tokens.error} level="warn" />;
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="single-use-title">
      <h2 id="single-use-title" className="h3 sect">
        <Say id="token.title" />
        <span className="c-3 f12 font-normal">
          <Say id="token.means" />
        </span>
      </h2>
      <div className="scroll-x">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">
                <Say id="token.id" />
              </th>
              <th scope="col">
                <Say id="token.kind" />
              </th>
              <th scope="col">
                <Say id="token.made" />
              </th>
              <th scope="col">
                <Say id="token.state" />
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((token) => (
              <Row key={token.remote_id} token={token} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ token }: { token: SingleUseView }) {
  const text = useText();
  const times = useTimes();
  return (
    <tr data-testid="single-use" data-status={token.status}>
      <td>
        <span className="line-row">
          <span className="id cut token-id" title={token.remote_id}>
            {token.remote_id}
          </span>
          <CopyButton value={token.remote_id} label={text("copy.property", { name: text("token.id") })} />
        </span>
      </td>
      <td>
        {token.kind}
        {token.shown && <span className="c-2 dot-sep">{token.shown}</span>}
      </td>
      <td className="c-2 f12" title={times.exact(token.created_at)}>
        {times.at(token.created_at)}
      </td>
      <td>
        <Standing token={token} />
      </td>
    </tr>
  );
}

function Standing({ token }: { token: SingleUseView }) {
  const times = useTimes();
  const left = useSecondsLeft(token.status === "usable" ? deadlineOf(tokenKey(token.remote_id)) : undefined);
  if (token.status === "used") {
    return (
      <span className="c-2">
        <Say id="token.used" at={token.used_at ? times.at(token.used_at) : ""} known={token.used_at ? "yes" : "no"} />
      </span>
    );
  }
  if (token.status === "expired" || left === 0) {
    return (
      <span className="c-2">
        <Say id="token.expired" />
      </span>
    );
  }
  return (
    <span className="state num">
      <span className={left !== null && left <= 60 ? "c-warn med" : "c-ok med"}>
        <Say id="token.usable" />
      </span>
      {left !== null && token.expires_at && (
        <span className="c-2 f12" title={times.exact(token.expires_at)}>
          <Left seconds={left} />
        </span>
      )}
    </span>
  );
}

const MINUTE = 60;
const HOUR = 3_600;

function Left({ seconds }: { seconds: number }) {
  const two = (n: number) => String(n).padStart(2, "0");
  const h = Math.floor(seconds / HOUR);
  const m = Math.floor((seconds % HOUR) / MINUTE);
  const s = two(seconds % MINUTE);
  return <Say id="token.left" time={h > 0 ? `${h}:${two(m)}:${s}` : `${m}:${s}`} />;
}

/** Nobody found: what was searched, where, how fresh, and one next step. */
import { AccountTagMark } from "../../components/account-tag";
import { Button } from "../../components/button";
import { useTimes } from "../../components/time";
import type { PeopleFound } from "../../contract";
import { Say } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { useView } from "../shell/view";
import { filtersIn, plainWords } from "./filters";

export function NoResult({ found }: { found: PeopleFound }) {
  const view = useView();
  const times = useTimes();
  const syncing = useAct("start_sync", ["accounts", "status"]);
  const words = plainWords(view.query);
  const filtered = filtersIn(view.query).length > 0;
  return (
    <div className="mid top2" data-testid="no-result">
      <div className="find-box wide">
        <h2 id="help-title" dir="auto">
          {words ? <Say id="none.title" text={words} /> : <Say id="none.titleFilters" />}
        </h2>
        <p className="c-2">
          <Say id="none.text" />
        </p>
        <h3 className="sect">
          <Say id="none.searched" />
        </h3>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">
                <Say id="none.account" />
              </th>
              <th scope="col" className="num">
                <Say id="none.cards" />
              </th>
              <th scope="col">
                <Say id="none.lastRead" />
              </th>
              <th scope="col">
                <span className="sr">
                  <Say id="none.now" />
                </span>
              </th>
            </tr>
          </thead>
          <tbody>
            {found.searched.map(({ account, cards, read_since, reading }) => (
              <tr key={account.id}>
                <td>
                  <span className="line-row">
                    <AccountTagMark tag={account} />
                    <span className="cut" dir="auto">
                      {account.label}
                    </span>
                  </span>
                </td>
                <td className="num">
                  <Say id="number" n={cards} />
                </td>
                <td className="c-2">
                  {read_since ? (
                    <span title={times.exact(read_since)}>
                      <Say id="time.atAndAgo" at={times.at(read_since)} ago={times.ago(read_since)} />
                    </span>
                  ) : (
                    <Say id="none.neverRead" />
                  )}
                </td>
                <td className="c-warn f12">{reading && <Say id="none.reading" />}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p className="hint">
          <Say id="none.hint" />
        </p>
        <div className="line-row none-acts">
          {filtered && words && (
            <Button kind="primary" onPress={() => view.search(words)}>
              <Say id="none.dropFilters" />
            </Button>
          )}
          <Button
            icon="refresh"
            isDisabled={syncing.isPending || found.searched.some((x) => x.reading)}
            onPress={() => syncing.mutate({ account_id: null, full: true })}
          >
            <Say id="none.readAgain" />
          </Button>
        </div>
      </div>
    </div>
  );
}

/** No card: what was searched, where, how fresh, and one next step. */
import { AccountTagMark } from "../../components/account-tag";
import { Button } from "../../components/button";
import { useTimes } from "../../components/time";
import type { AccountView } from "../../contract";
import { Say } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { filtersIn, plainWords } from "../customers/filters";
import { useView } from "../shell/view";

export function CardsNone(props: { accounts: AccountView[]; account: string | null; onEverywhere: () => void }) {
  const view = useView();
  const times = useTimes();
  const syncing = useAct("start_sync", ["accounts", "status"]);
  const words = plainWords(view.query);
  const filters = filtersIn(view.query).map((x) => `${x.key}:${x.value}`);
  const searched = props.accounts.filter((x) => props.account === null || x.id === props.account);
  const asked = view.query.trim() !== "";
  return (
    <div className="mid top2 cards-none" data-testid="no-cards">
      <div className="find-box wide">
        <h2 dir="auto">
          {words ? (
            <Say id="cards.noneFor" text={words} />
          ) : (
            <Say id={asked ? "cards.noneFilters" : "cards.noneAtAll"} />
          )}
        </h2>
        {filters.length > 0 && (
          <p className="c-2">
            <Say id="cards.noneWith" filters={<span className="kq">{filters.join(" ")}</span>} />
          </p>
        )}
        {asked && (
          <p className="c-2">
            <Say id="cards.noneText" />
          </p>
        )}
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
            </tr>
          </thead>
          <tbody>
            {searched.map((account) => (
              <tr key={account.id}>
                <td>
                  <span className="line-row">
                    <AccountTagMark tag={account} />
                    <span className="cut" dir="auto">
                      {account.label}
                    </span>
                    {account.progress && (
                      <span className="c-warn f12">
                        <Say id="none.reading" />
                      </span>
                    )}
                  </span>
                </td>
                <td className="num">
                  <Say id="number" n={account.cards} />
                </td>
                <td className="c-2">
                  {account.last_pass ? (
                    <span title={times.exact(account.last_pass.started_at)}>
                      <Say
                        id="time.atAndAgo"
                        at={times.at(account.last_pass.started_at)}
                        ago={times.ago(account.last_pass.started_at)}
                      />
                    </span>
                  ) : (
                    <Say id="none.neverRead" />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <p className="hint">
          <Say id="none.hint" />
        </p>
        <div className="line-row none-acts">
          {props.account !== null && (
            <Button kind="primary" onPress={props.onEverywhere}>
              <Say id="cards.everywhere" />
            </Button>
          )}
          {filters.length > 0 && words && (
            <Button onPress={() => view.search(words)}>
              <Say id="none.dropFilters" />
            </Button>
          )}
          {asked && !(filters.length > 0 && words) && (
            <Button onPress={() => view.search("")}>
              <Say id="cards.showAll" />
            </Button>
          )}
          <Button
            icon="refresh"
            isDisabled={syncing.isPending || searched.some((x) => x.progress !== null)}
            onPress={() => syncing.mutate({ account_id: props.account, full: true })}
          >
            <Say id="none.readAgain" />
          </Button>
        </div>
      </div>
    </div>
  );
}

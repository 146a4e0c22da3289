/** The table of all cards with what filters it, what is selected in it, and what is planned for the selection. */
import { useCallback, useEffect, useRef, useState } from "react";
import { useAnnounce } from "../../components/announce";
import { Button } from "../../components/button";
import { ProblemNote } from "../../components/problem";
import { useWaitedLong } from "../../components/skeleton";
import type { Problem } from "../../contract";
import { Say, useText } from "../../messages/text";
import { asProblem } from "../../platform/platform";
import { useAct, useRead } from "../../platform/queries";
import { PlanDialog } from "../plans/plan-dialog";
import type { PlanAction } from "../plans/plan-words";
import { PlansRunning } from "../plans/plans-running";
import { useView } from "../shell/view";
import { BulkBar } from "./bulk-bar";
import { CardChips } from "./card-chips";
import { CardsNone } from "./cards-none";
import { CardsSkeleton } from "./cards-skeleton";
import { CardsTable } from "./cards-table";
import { isEmpty, NOTHING, pickRows, type Selection, spread } from "./selection";
import { type Cards, type CardsAsked, useCards, useCollect } from "./use-cards";

const SETTLED_MS = 500;

export function AllCards() {
  const view = useView();
  const accounts = useRead("list_accounts", {});
  const mine = accounts.data?.items.filter((x) => x.env === view.env) ?? [];
  const [wanted, setWanted] = useState<string | null>(null);
  const account = mine.some((x) => x.id === wanted) ? wanted : null;
  const asked: CardsAsked = { env: view.env, text: view.query.trim(), account };
  const cards = useCards(asked);
  const long = useWaitedLong(cards.waiting);
  const selected = useSelected(asked, cards);
  const reading = mine.filter((x) => x.progress !== null && (account === null || x.id === account));
  useSaidResults(cards);
  const none = !cards.waiting && !cards.stale && !cards.problem && cards.rows.length === 0;
  return (
    <>
      <PlansRunning />
      <div className="cards-bar">
        <CardChips accounts={mine} account={account} onAccount={setWanted} />
        <span className="grow" />
        <Totals cards={cards} reading={reading.length > 0} />
      </div>
      {cards.problem ? (
        <div className="list-problem">
          <ProblemNote problem={cards.problem} level="warn">
            {cards.problem.retryable && (
              <Button onPress={cards.again}>
                <Say id="action.tryAgain" />
              </Button>
            )}
          </ProblemNote>
        </div>
      ) : none ? (
        <CardsNone accounts={mine} account={account} onEverywhere={() => setWanted(null)} />
      ) : cards.waiting ? (
        long && <CardsSkeleton />
      ) : (
        <div className="cards-in">
          <CardsTable
            cards={cards}
            selection={selected.selection}
            onSelect={selected.select}
            onPickShown={selected.pickShown}
            onClear={selected.clear}
          />
          {selected.problem && (
            <div className="bulk-problem">
              <ProblemNote problem={selected.problem} onClose={selected.forget} />
            </div>
          )}
          {!isEmpty(selected.selection) && (
            <BulkBar
              n={selected.n}
              exact={selected.exact}
              all={selected.selection.all}
              spread={selected.selection.all ? null : spread(selected.selection)}
              match={selected.match}
              collecting={selected.collecting}
              planning={selected.planning}
              onAll={selected.pickAll}
              onPlan={selected.plan}
              onClear={selected.clear}
            />
          )}
        </div>
      )}
      <div className="foot" aria-hidden="true">
        <span>
          <kbd>X</kbd>
          <Say id="foot.select" />
        </span>
        <span>
          <kbd>Shift</kbd>
          <kbd>↑</kbd>
          <kbd>↓</kbd>
          <Say id="foot.range" />
        </span>
        <span>
          <kbd>Enter</kbd>
          <Say id="foot.customer" />
        </span>
        <span>
          <kbd>Shift</kbd>
          <kbd>Enter</kbd>
          <Say id="foot.card" />
        </span>
        <span className="grow" />
        {reading.map((x) => (
          <span key={x.id} className="cut">
            <Say id="cards.reading" account={x.label} />
          </span>
        ))}
      </div>
      {selected.draft && (
        <PlanDialog
          plan={selected.draft}
          onKept={() => selected.closeDraft()}
          onRun={(plan) => {
            selected.closeDraft();
            selected.clear();
            view.showPlan(plan.id);
          }}
        />
      )}
    </>
  );
}

function Totals({ cards, reading }: { cards: Cards; reading: boolean }) {
  const { total } = cards;
  if (!total) return null;
  return (
    <span className="f12 cards-total num" data-testid="cards-total">
      <span className="med">
        {total.exact ? (
          <Say id={reading ? "cards.soFar" : "cards.total"} n={total.n} />
        ) : (
          <Say id="cards.atLeast" n={total.n} />
        )}
      </span>
    </span>
  );
}

/** The selection, and what becomes of it. It belongs to one search: another search begins with nothing selected. */
function useSelected(asked: CardsAsked, cards: Cards) {
  const announce = useAnnounce();
  const text = useText();
  const making = useAct("make_plan", ["plans"]);
  const collect = useCollect();
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const [collecting, setCollecting] = useState<number | null>(null);
  const [failed, setFailed] = useState<Problem | null>(null);
  const [dismissed, setDismissed] = useState(false);
  const turn = useRef(0);
  const search = JSON.stringify(asked);
  const some = useRef(false);
  some.current = !isEmpty(selection);

  const clear = useCallback(() => {
    turn.current += 1;
    setSelection(NOTHING);
    setCollecting(null);
    setFailed(null);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change of search that clears
  useEffect(() => {
    if (some.current) announce(text("bulk.cleared"));
    clear();
  }, [search]);
  useEffect(
    () => () => {
      turn.current += 1;
    },
    [],
  );

  const n = selection.all ? (cards.total?.n ?? selection.picked.size) : selection.picked.size;
  const total = cards.total?.n ?? 0;
  const everything = !cards.hasMore && cards.rows.every((row) => selection.picked.has(row.id));
  const shown = cards.rows.length > 0 && cards.rows.every((row) => selection.picked.has(row.id));

  const pickAll = () => {
    // A plan's search text has no word for an account: its cards are named one by one.
    if (asked.account === null) {
      setSelection(pickRows(cards.rows, true));
      announce(text("bulk.selected", { n: total }));
      return;
    }
    turn.current += 1;
    const mine = turn.current;
    setCollecting(0);
    collect(asked, (soFar) => {
      if (turn.current === mine) setCollecting(soFar);
      return turn.current === mine;
    })
      .then((found) => {
        if (!found || turn.current !== mine) return;
        setSelection(pickRows(found));
        announce(text("bulk.selected", { n: found.length }));
      })
      .catch((error: unknown) => turn.current === mine && setFailed(asProblem(error)))
      .finally(() => turn.current === mine && setCollecting(null));
  };

  return {
    selection,
    n,
    exact: !selection.all || (cards.total?.exact ?? true),
    match: !selection.all && shown && !everything && total > selection.picked.size ? cards.total : null,
    collecting,
    planning: making.isPending,
    problem: failed ?? making.error,
    forget: () => {
      setFailed(null);
      making.reset();
    },
    select: setSelection,
    pickShown: () => {
      if (cards.stale) return;
      setSelection(pickRows(cards.rows));
      announce(text("bulk.selected", { n: cards.rows.length }));
    },
    pickAll,
    clear,
    plan: (action: PlanAction) => {
      setDismissed(false);
      making.mutate({
        env: asked.env,
        action,
        cards: selection.all ? [] : [...selection.picked.keys()],
        query: selection.all ? asked.text : null,
      });
    },
    draft: dismissed ? null : (making.data ?? null),
    closeDraft: () => setDismissed(true),
  };
}

/** Says the number once typing pauses, not at every letter. */
function useSaidResults(cards: Cards) {
  const announce = useAnnounce();
  const text = useText();
  const n = cards.stale ? null : (cards.total?.n ?? null);
  useEffect(() => {
    if (n === null) return;
    const timer = setTimeout(() => announce(text("cards.found", { n })), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [n, announce, text]);
}

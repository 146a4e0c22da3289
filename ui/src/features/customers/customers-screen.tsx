import { useEffect, useState } from "react";
import { useAnnounce } from "../../components/announce";
import { ProblemNote } from "../../components/problem";
import { ListSkeleton, PanelSkeleton, useWaitedLong } from "../../components/skeleton";
import { Say, useText } from "../../messages/text";
import { PersonPage } from "../person/person-page";
import { useView } from "../shell/view";
import { Chips } from "./chips";
import { FindHelp } from "./find-help";
import { NoResult } from "./no-result";
import { PeopleList } from "./people-list";
import { ReadingNote } from "./reading-note";
import { RecognisedIds } from "./recognised";
import { type People, usePeople } from "./use-people";

const SETTLED_MS = 500;

export function CustomersScreen() {
  const view = useView();
  const people = usePeople();
  const long = useWaitedLong(people.waiting || people.stale);
  const [opening, setOpening] = useState(false);
  const openingLong = useWaitedLong(opening);
  useSaidResults(people);
  const none = !people.recent && !people.waiting && !people.stale && !people.problem && people.rows.length === 0;
  return (
    <div className="customers" data-open={view.person !== null || undefined}>
      <section className="list" aria-labelledby="list-title">
        <h2 id="list-title" className="sr">
          <Say id="nav.customers" />
        </h2>
        <Chips />
        <RecognisedIds />
        {people.problem ? (
          <div className="list-problem">
            <ProblemNote problem={people.problem} level="warn" />
          </div>
        ) : (
          <>
            {!people.recent && <Totals people={people} searching={long} />}
            {long && <ListSkeleton rows={8} />}
            <div className="list-rows" hidden={long && people.stale}>
              <PeopleList people={people} onOpening={setOpening} />
            </div>
          </>
        )}
        <div className="foot" aria-hidden="true">
          <span>
            <kbd>↑</kbd>
            <kbd>↓</kbd>
            <Say id="foot.move" />
          </span>
          <span>
            <kbd>Enter</kbd>
            <Say id="foot.open" />
          </span>
          <span>
            <kbd>Esc</kbd>
            <Say id="foot.clear" />
          </span>
        </div>
      </section>
      <section className="detail" aria-labelledby={view.person ? "person-title" : "help-title"}>
        <ReadingNote />
        {view.person ? (
          <PersonPage key={view.person} person={view.person} />
        ) : openingLong ? (
          <>
            <h2 id="help-title" className="sr">
              <Say id="person.opening" />
            </h2>
            <PanelSkeleton />
          </>
        ) : none && people.first ? (
          <NoResult found={people.first} />
        ) : (
          <FindHelp />
        )}
      </section>
    </div>
  );
}

function Totals({ people, searching }: { people: People; searching: boolean }) {
  const { first } = people;
  // The number and the time belong to one text: those of an earlier one are not shown as this one's.
  if (searching)
    return (
      <div className="lhead">
        <span className="c-3">
          <Say id="people.searching" />
        </span>
      </div>
    );
  if (!first || people.stale) return <div className="lhead" />;
  const reading = first.searched.some((x) => x.reading);
  return (
    <div className="lhead">
      <span className="med">
        {first.total.exact ? (
          <Say id={reading ? "people.soFar" : "people.total"} n={first.total.n} />
        ) : (
          <Say id="people.atLeast" n={first.total.n} />
        )}
      </span>
      <span className="grow" />
      <span className="c-3">
        {reading ? <Say id="people.moreComing" /> : <Say id="people.took" ms={Math.max(1, first.took_ms)} />}
      </span>
    </div>
  );
}

/** Says the number once typing pauses, not at every letter. */
function useSaidResults(people: People) {
  const announce = useAnnounce();
  const text = useText();
  const n = people.recent || people.stale ? null : (people.first?.total.n ?? null);
  useEffect(() => {
    if (n === null) return;
    const timer = setTimeout(() => announce(text("people.found", { n })), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [n, announce, text]);
}

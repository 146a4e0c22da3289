import { useRef, useState } from "react";
import { useAnnounce } from "../../components/announce";
import { Button, IconButton } from "../../components/button";
import { CopyButton, useCopy } from "../../components/copy";
import { Icon } from "../../components/icon";
import { useKeys } from "../../components/keys";
import { ProblemNote } from "../../components/problem";
import { PanelSkeleton, useWaitedLong } from "../../components/skeleton";
import { allCards, StateCountWords } from "../../components/state";
import { Ago, Day } from "../../components/time";
import type { CustomerView, PersonView } from "../../contract";
import { Say, useText } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
import { CardPanel } from "../card-panel/card-panel";
import { DeleteDialog } from "../card-panel/delete-dialog";
import { useView } from "../shell/view";
import { CardTable } from "./card-table";
import { DeleteCustomerDialog } from "./delete-customer-dialog";
import { FlipsProvider } from "./flips";
import { OneClickAnswers } from "./one-click-answer";
import { Timeline } from "./timeline";
import { type PersonOnScreen, usePerson } from "./use-person";

export function PersonPage({ person }: { person: string }) {
  const shown = usePerson(person);
  const long = useWaitedLong(shown.waiting);
  // Here, because the record, its rows and even the person may be gone when the answer is read.
  const [record, setRecord] = useState<CustomerView | null>(null);
  return (
    <>
      <Page shown={shown} long={long} onDeleteRecord={setRecord} />
      {record?.deletable_record && (
        <DeleteCustomerDialog customer={record} record={record.deletable_record} onClose={() => setRecord(null)} />
      )}
    </>
  );
}

interface PageProps {
  shown: PersonOnScreen;
  long: boolean;
  onDeleteRecord: (customer: CustomerView) => void;
}

function Page({ shown, long, onDeleteRecord }: PageProps) {
  const view = useView();
  if (shown.problem) {
    return (
      <div className="er">
        <h2 id="person-title" className="sr">
          <Say id="person.problem" />
        </h2>
        <ProblemNote problem={shown.problem}>
          <Button onPress={shown.again}>
            <Say id="action.tryAgain" />
          </Button>
        </ProblemNote>
      </div>
    );
  }
  if (!shown.view) {
    return (
      <>
        <h2 id="person-title" className="sr">
          <Say id="person.opening" />
        </h2>
        {long && <PanelSkeleton />}
      </>
    );
  }
  return (
    <FlipsProvider>
      <Loaded shown={shown} view={shown.view} onDeleteRecord={onDeleteRecord} />
      {view.card && <CardPanel card={view.card} />}
      {view.deleting && <DeleteDialog card={view.deleting} person={shown.view} onClose={() => view.askDelete(null)} />}
    </FlipsProvider>
  );
}

function Loaded(props: { shown: PersonOnScreen; view: PersonView; onDeleteRecord: (customer: CustomerView) => void }) {
  const { shown, view: person } = props;
  const view = useView();
  const text = useText();
  const copy = useCopy();
  const total = allCards(person.counts);
  const accounts = new Set(person.customers.map((x) => x.account.id)).size;
  const ids = person.customers.flatMap((x) => x.customer_id ?? []);
  const refreshing = useRefresh(person);
  const page = useRef<HTMLDivElement>(null);
  useKeys({
    r: refreshing.run,
    c: () => {
      const value = person.email ?? ids[0];
      if (value) void copy(value);
    },
  });
  return (
    <div ref={page} className="person-page" data-scroll>
      <div className="person-in">
        <div className="phead">
          <IconButton icon="back" label={text("person.back")} className="to-list" large onPress={view.closePerson} />
          <div className="grow">
            <h1 id="person-title" className="cut">
              <span dir="auto">{person.name ?? person.email ?? <Say id="person.unnamed" />}</span>
            </h1>
            <div className="pids">
              {person.email ? (
                <span className="pid">
                  <span className="whole pick">{person.email}</span>
                  <CopyButton value={person.email} label={text("copy.email")} />
                </span>
              ) : (
                <span className="c-3">
                  <Say id="person.noEmail" />
                </span>
              )}
              {ids.length === 1 && ids[0] && (
                <span className="pid">
                  <span className="c-3">
                    <Say id="person.customerId" />
                  </span>
                  <span className="id c-2 cut">{ids[0]}</span>
                  <CopyButton value={ids[0]} label={text("copy.customerIdHere")} />
                </span>
              )}
              {person.since && (
                <span className="c-3 since">
                  <Say id="person.since" day={<Day at={person.since} />} />
                </span>
              )}
            </div>
          </div>
          <Button icon="refresh" isDisabled={refreshing.busy} onPress={refreshing.run} data-testid="refresh">
            {refreshing.busy ? <Say id="person.refreshing" /> : <Say id="person.refresh" />}
          </Button>
        </div>
        <PausedNotes person={person} />
        {refreshing.problem && (
          <div className="er">
            <ProblemNote problem={refreshing.problem} level="warn" onClose={refreshing.forget}>
              {person.read_at && (
                <span className="c-2 f12">
                  <Say id="person.shownAsRead" ago={<Ago at={person.read_at} />} />
                </span>
              )}
            </ProblemNote>
          </div>
        )}
        {refreshing.mayMiss && (
          <div className="er">
            <div className="note warn" role="status">
              <Icon name="info" />
              <span>
                <Say id="person.mayMiss" />
              </span>
            </div>
          </div>
        )}
        <div className="psum">
          <h2 className="h3">
            <Say id="person.cards" n={total} accounts={accounts} />
          </h2>
          <StateCountWords counts={person.counts} />
          <span className="grow" />
          {(person.expired > 0 || person.expiring > 0) && (
            <span className="f12 c-3">
              <Say id="person.expiry" expired={person.expired} expiring={person.expiring} />
            </span>
          )}
        </div>
        {total === 0 && (
          <p className="no-cards c-2">
            <Say id="person.noCards" />
          </p>
        )}
        {(total > 0 || person.customers.length > 0) && (
          <CardTable shown={shown} total={total} page={page} onDeleteRecord={props.onDeleteRecord} />
        )}
        <div className="below">
          <Timeline person={person} />
          <OneClickAnswers view={person} cards={shown.cards} />
        </div>
      </div>
    </div>
  );
}

function useRefresh(person: PersonView) {
  const refresh = useAct("refresh_person", ["cards"]);
  const announce = useAnnounce();
  const text = useText();
  const [mayMiss, setMayMiss] = useState(false);
  return {
    busy: refresh.isPending,
    problem: refresh.error,
    mayMiss,
    forget: refresh.reset,
    run: () => {
      if (refresh.isPending) return;
      refresh.mutate(
        { env: person.env, person: person.person },
        {
          onSuccess: (fresh) => {
            setMayMiss(fresh.may_miss_new_cards);
            announce(text("person.refreshed"));
          },
        },
      );
    },
  };
}

/** An account of this customer that rests: said here, where its cards are shown. */
function PausedNotes({ person }: { person: PersonView }) {
  const view = useView();
  const accounts = useRead("list_accounts", {});
  const mine = new Set(person.customers.map((x) => x.account.id));
  const paused = accounts.data?.items.filter((x) => x.paused && mine.has(x.id)) ?? [];
  return paused.map((account) =>
    account.paused ? (
      <div className="er" key={account.id}>
        <ProblemNote problem={account.paused}>
          <Button
            kind="primary"
            icon="plug"
            onPress={() => {
              view.showAccount(account.id);
              view.go("accounts");
            }}
          >
            <Say id="person.openAccount" account={account.label} />
          </Button>
        </ProblemNote>
      </div>
    ) : null,
  );
}

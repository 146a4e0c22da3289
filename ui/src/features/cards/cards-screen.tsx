/** Every saved card of the environment in view; and, in its place, the plans that were made of them. */
import type { ReactNode } from "react";
import { Button as AriaButton } from "react-aria-components";
import { Say, useText } from "../../messages/text";
import { CardPanel } from "../card-panel/card-panel";
import { DeleteDialog } from "../card-panel/delete-dialog";
import { FlipsProvider } from "../person/flips";
import { PlanList, usePlans } from "../plans/plan-list";
import { PlanPage } from "../plans/plan-page";
import { underWay } from "../plans/plan-words";
import { ALL_PLANS, useView } from "../shell/view";
import { AllCards } from "./all-cards";

export function CardsScreen() {
  const view = useView();
  return (
    <FlipsProvider>
      <section className="cards" aria-labelledby="cards-title">
        <h1 id="cards-title" className="sr">
          <Say id="nav.cards" />
        </h1>
        <Tabs />
        {view.plan === null ? (
          <AllCards key={view.env} />
        ) : view.plan === ALL_PLANS ? (
          <PlanList />
        ) : (
          <PlanPage key={view.plan} id={view.plan} />
        )}
      </section>
      {view.card && <CardPanel card={view.card} />}
      {view.deleting && (
        <DeleteDialog card={view.deleting} person={view.deleting} onClose={() => view.askDelete(null)} />
      )}
    </FlipsProvider>
  );
}

function Tabs() {
  const view = useView();
  const text = useText();
  const { plans } = usePlans();
  const running = plans.filter(underWay).length;
  return (
    <nav className="cards-tabs" aria-label={text("cards.tabs")}>
      <Tab on={view.plan === null} onPress={() => view.showPlan(null)} testId="tab-cards">
        <Say id="cards.all" />
      </Tab>
      <Tab on={view.plan !== null} onPress={() => view.showPlan(ALL_PLANS)} testId="tab-plans">
        <Say id="plans.title" />
        {plans.length > 0 && (
          <span className="c-3 f12 font-normal">
            {running > 0 ? <Say id="plans.running" n={running} /> : <Say id="number" n={plans.length} />}
          </span>
        )}
      </Tab>
    </nav>
  );
}

function Tab(props: { on: boolean; onPress: () => void; testId: string; children: ReactNode }) {
  return (
    <AriaButton
      className={`cards-tab ${props.on ? "on" : ""}`}
      aria-current={props.on ? "page" : undefined}
      onPress={props.onPress}
      data-testid={props.testId}
    >
      {props.children}
    </AriaButton>
  );
}

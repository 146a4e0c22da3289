/** A plan as something to read: what happens where, what is left out and why, and what else follows from it. */
import { AccountTagMark } from "../../components/account-tag";
import { Icon } from "../../components/icon";
import type { PlanView } from "../../contract";
import { Say } from "../../messages/text";

export function PlanDocument({ plan }: { plan: PlanView }) {
  return (
    <>
      <PlanAccounts plan={plan} />
      <PlanSkips plan={plan} />
      <PlanWarnings plan={plan} />
    </>
  );
}

function PlanAccounts({ plan }: { plan: PlanView }) {
  const accounts = plan.accounts.filter((x) => x.cards > 0);
  if (accounts.length === 0) return null;
  return (
    <section aria-labelledby={`plan-does-${plan.id}`}>
      <h2 id={`plan-does-${plan.id}`} className="plan-h">
        <Say id="plan.happens" />
      </h2>
      <ul className="plan-lines">
        {accounts.map(({ account, cards, effect, learns_first }) => (
          <li key={account.id} data-testid="plan-account">
            <span className="plan-n num">
              <Say id="number" n={cards} />
            </span>
            <div className="grow">
              <div className="line-row">
                <AccountTagMark tag={account} />
                <span className="med cut">
                  <bdi>{account.label}</bdi>
                </span>
                <span className="c-3 f12">{account.provider_name}</span>
              </div>
              <p className="c-2">{effect}</p>
              {learns_first && (
                <p className="f12 c-info">
                  <Say id="plan.learnsFirst" />
                </p>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function PlanSkips({ plan }: { plan: PlanView }) {
  if (plan.skips.length === 0) return null;
  return (
    <section aria-labelledby={`plan-skips-${plan.id}`}>
      <h2 id={`plan-skips-${plan.id}`} className="plan-h">
        <Say id="plan.leftOut" />
      </h2>
      <ul className="plan-lines c-2">
        {plan.skips.map((skip) => (
          <li key={skip.why} data-testid="plan-skip" data-why={skip.why}>
            <span className="plan-n num">
              <Say id="number" n={skip.cards} />
            </span>
            <span className="grow">{skip.words}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function PlanWarnings({ plan }: { plan: PlanView }) {
  // A subscription is charged without the buyer: nobody here can see whether there is one.
  const subscriptions = plan.action === "delete" || plan.action === "deactivate";
  if (plan.warnings.length === 0 && !subscriptions) return null;
  return (
    <div className="note warn" data-testid="plan-warnings">
      <Icon name="alert" />
      <div>
        <div className="med">
          <Say id="plan.before" />
        </div>
        <ul className="imp">
          {plan.warnings.map((warning) => (
            <li key={warning.kind} data-kind={warning.kind}>
              {warning.words}
            </li>
          ))}
          {subscriptions && (
            <li>
              <Say id="plan.subscriptions" />
            </li>
          )}
        </ul>
      </div>
    </div>
  );
}

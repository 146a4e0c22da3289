import { useState } from "react";
import { Button } from "../../components/button";
import { Icon, Logo } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import type { DeskStatus } from "../../contract";
import { Say, useText } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { ConnectDialog } from "../accounts/connect-dialog";

export function FirstStart({ status }: { status: DeskStatus }) {
  const demo = useAct("start_demo", ["status", "accounts", "cards"]);
  const text = useText();
  const [connecting, setConnecting] = useState(false);
  return (
    <div className="app bare">
      <section className="strip demo" aria-label={text("strip.label")}>
        <b>
          <Say id="env.demo" />
        </b>
        <span>
          <Say id="first.strip" />
        </span>
      </section>
      <main className="center">
        <div className="first">
          <div className="line-row first-head">
            <Logo size={36} />
            <div>
              <h1>
                <Say id="app.name" />
              </h1>
              <p className="c-2">
                <Say id="first.promise" />
              </p>
            </div>
          </div>
          <div className="first-ways">
            <section className="way">
              <Icon name="flask" className="way-icon" />
              <h2>
                <Say id="first.demo.title" />
              </h2>
              <p className="c-2">
                <Say id="first.demo.text" n={2000} />
              </p>
              <Button
                kind="primary"
                size="l"
                isDisabled={demo.isPending}
                onPress={() => demo.mutate({})}
                data-testid="start-demo"
              >
                {demo.isPending ? <Say id="first.demo.starting" /> : <Say id="first.demo.action" />}
              </Button>
              <p className="hint">
                <Say id="first.demo.hint" />
              </p>
            </section>
            <section className="way">
              <Icon name="plug" className="way-icon" />
              <h2>
                <Say id="first.connect.title" />
              </h2>
              <p className="c-2">
                <Say id="first.connect.text" />
              </p>
              <Button size="l" onPress={() => setConnecting(true)} data-testid="connect-account">
                <Say id="first.connect.action" />
              </Button>
              <p className="hint">
                <Say id="first.connect.hint" />
              </p>
            </section>
          </div>
          {demo.error && <ProblemNote problem={demo.error} />}
          <ul className="first-facts">
            <li>
              <Icon name="lock" size="s" />
              <span>
                <Say id="first.fact.encrypted" where={status.secrets} />
              </span>
            </li>
            <li>
              <Icon name="card" size="s" />
              <span>
                <Say id="first.fact.numbers" />
              </span>
            </li>
            <li>
              <Icon name="log" size="s" />
              <span>
                <Say id="first.fact.queued" />
              </span>
            </li>
          </ul>
        </div>
      </main>
      {connecting && (
        <ConnectDialog
          secrets={status.secrets}
          onClose={() => setConnecting(false)}
          onConnected={() => setConnecting(false)}
        />
      )}
    </div>
  );
}

import { Button as AriaButton } from "react-aria-components";
import { Icon, type IconName, Logo } from "../../components/icon";
import { type MessageId, Say, useText } from "../../messages/text";
import { RailHint } from "./rail-hint";
import { Settings } from "./settings";
import { type Screen, useView } from "./view";

const SCREENS: { screen: Screen; icon: IconName; word: MessageId; testId: string }[] = [
  { screen: "customers", icon: "people", word: "nav.customers", testId: "nav-customers" },
  { screen: "cards", icon: "card", word: "nav.cards", testId: "nav-cards" },
  { screen: "changes", icon: "out", word: "nav.changes", testId: "nav-changes" },
  { screen: "log", icon: "log", word: "nav.log", testId: "nav-log" },
  { screen: "accounts", icon: "plug", word: "nav.accounts", testId: "nav-accounts" },
];

const initials = (who: string) =>
  who
    .split(/[\s._-]+/)
    .map((part) => part[0] ?? "")
    .join("")
    .slice(0, 2)
    .toUpperCase();

export function Rail() {
  const view = useView();
  const text = useText();
  const { changes } = view.here;
  const needsYou = changes.stuck + changes.conflict;
  const open = changes.held + changes.waiting + changes.sending + needsYou;
  return (
    <nav className="rail" aria-label={text("nav.label")}>
      <div className="brandline">
        <Logo size={20} />
        <span className="rail-word">
          <Say id="app.name" />
        </span>
      </div>
      <div className="nav">
        {SCREENS.map(({ screen, icon, word, testId }) => (
          <RailHint key={screen} word={word}>
            <AriaButton
              className="nav-item"
              aria-current={view.screen === screen ? "page" : undefined}
              onPress={() => view.go(screen)}
              data-testid={testId}
            >
              <Icon name={icon} />
              <span className="rail-word">
                <Say id={word} />
              </span>
              {screen === "changes" && open > 0 && (
                <span className={`badge ${needsYou > 0 ? "warn" : ""}`}>
                  <span aria-hidden="true">{open}</span>
                  <span className="sr">{text("nav.openChanges", { n: open, needsYou })}</span>
                </span>
              )}
            </AriaButton>
          </RailHint>
        ))}
      </div>
      <div className="rail-foot">
        <Settings />
        <div className="who" title={`${view.status.who}, ${text("who.desk", { desk: view.status.desk })}`}>
          <i aria-hidden="true">{initials(view.status.who)}</i>
          <span className="f12 cut rail-word">
            <span className="med" dir="auto">
              {view.status.who}
            </span>
            <br />
            <span className="c-3">
              <Say id="who.desk" desk={view.status.desk} />
            </span>
          </span>
        </div>
      </div>
    </nav>
  );
}

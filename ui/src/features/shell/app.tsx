/** The whole window: first start, or the desk. */
import type { QueryClient } from "@tanstack/react-query";
import { I18nProvider } from "react-aria-components";
import { Announcements } from "../../components/announce";
import { Button } from "../../components/button";
import { Logo } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { PanelSkeleton, useWaitedLong } from "../../components/skeleton";
import { Clock } from "../../components/time";
import { Messages, Say } from "../../messages/text";
import type { Platform } from "../../platform/platform";
import { HostProvider, useRead } from "../../platform/queries";
import { FirstStart } from "../first-start/first-start";
import { QuitDialog } from "./quit-dialog";
import { Shell } from "./shell";
import { ViewProvider } from "./view";

export function App({ platform, client }: { platform: Platform; client: QueryClient }) {
  return (
    <Messages>
      <I18nProvider locale="en-GB">
        <HostProvider platform={platform} client={client}>
          <Announcements>
            <Clock>
              <Window />
              <QuitDialog />
            </Clock>
          </Announcements>
        </HostProvider>
      </I18nProvider>
    </Messages>
  );
}

function Window() {
  const status = useRead("desk_status", {});
  const long = useWaitedLong(status.isPending);
  if (status.data) {
    if (status.data.first_start || status.data.environments.length === 0) return <FirstStart status={status.data} />;
    return (
      <ViewProvider status={status.data}>
        <Shell />
      </ViewProvider>
    );
  }
  return (
    <main className="alone">
      {status.error ? (
        <div className="alone-box">
          <div className="line-row">
            <Logo size={28} />
            <h1>
              <Say id="app.name" />
            </h1>
          </div>
          <ProblemNote problem={status.error}>
            <Button kind="primary" onPress={() => void status.refetch()}>
              <Say id="action.tryAgain" />
            </Button>
          </ProblemNote>
        </div>
      ) : (
        long && <PanelSkeleton />
      )}
    </main>
  );
}

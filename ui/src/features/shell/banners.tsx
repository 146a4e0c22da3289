/** One banner at a time: what is so since when, what still works, what happens next. */
import { useEffect, useState } from "react";
import { useAnnounce } from "../../components/announce";
import { Button, IconButton } from "../../components/button";
import { useSecondsLeft } from "../../components/countdown";
import { Icon } from "../../components/icon";
import { useTimes } from "../../components/time";
import type { Network } from "../../contract";
import { Say, useText } from "../../messages/text";
import { deadlineOf, nextTryKey } from "../../platform/deadlines";
import { useAct } from "../../platform/queries";
import { OlderLedgerBanner } from "./older-ledger";
import { useView } from "./view";

export function Banners() {
  const view = useView();
  const text = useText();
  const [seen, setSeen] = useState<string | null>(null);
  const goingOut = useGoingOut();
  const { network } = view.here;
  if (view.status.older_ledger) return <OlderLedgerBanner />;
  // Another environment is another network: nothing of a press there is shown here.
  if (network.kind === "offline") return <Offline key={view.env} network={network} />;
  if (goingOut > 0) {
    return (
      <div className="banner info" role="status" data-testid="online-banner">
        <Icon name="wifi" />
        <span className="grow">
          <Say id="banner.online" n={goingOut} />
        </span>
      </div>
    );
  }
  const rebuilt = view.status.cache_rebuilt;
  if (rebuilt && rebuilt !== seen) {
    return (
      <div className="banner info" role="status">
        <Icon name="copyOf" />
        <span className="grow">
          <Say id="banner.rebuilt" file={rebuilt} />
        </span>
        <IconButton icon="x" label={text("action.close")} onPress={() => setSeen(rebuilt)} />
      </div>
    );
  }
  return null;
}

function Offline({ network }: { network: Extract<Network, { kind: "offline" }> }) {
  const view = useView();
  const times = useTimes();
  const text = useText();
  const pushing = useAct("push_changes", ["status", "changes", "cards", "accounts"]);
  const { changes, accounts, read_since: read } = view.here;
  const seconds = useSecondsLeft(deadlineOf(nextTryKey(view.env)));
  const some = network.accounts.length > 0 && network.accounts.length < accounts;
  return (
    <section className="banner warn" aria-label={text("stat.offline")} data-testid="offline-banner">
      <Icon name="wifiOff" />
      {/* The words are read out when they change; the seconds beside them are not. */}
      <span className="grow" role="status">
        {some ? (
          <Say id="banner.someOffline" accounts={network.accounts.join(", ")} at={times.at(network.since)} />
        ) : (
          <Say id="banner.offline" at={times.at(network.since)} />
        )}{" "}
        {read && <Say id="banner.readBefore" at={times.at(read)} />}{" "}
        <Say id="banner.waits" n={changes.waiting + changes.held} />
      </span>
      {seconds !== null && !pushing.isPending && (
        <span className="c-2 f12 num banner-next">
          {seconds > 0 ? <Say id="banner.nextTry" s={seconds} /> : <Say id="action.trying" />}
        </span>
      )}
      <Button
        size="s"
        onPress={() => {
          if (!pushing.isPending) pushing.mutate({ env: view.env });
        }}
      >
        {pushing.isPending ? <Say id="action.trying" /> : <Say id="action.tryNow" />}
      </Button>
    </section>
  );
}

/** After the network came back: how many changes that waited for it are still going out. */
function useGoingOut(): number {
  const view = useView();
  const announce = useAnnounce();
  const text = useText();
  const { env, here } = view;
  const offline = here.network.kind === "offline";
  const going = here.changes.waiting + here.changes.sending;
  const [back, setBack] = useState<{ env: string; offline: boolean; going: boolean }>({ env, offline, going: false });
  if (back.env !== env) setBack({ env, offline, going: false });
  else if (offline !== back.offline) setBack({ env, offline, going: !offline && going > 0 });
  else if (back.going && going === 0) setBack({ env, offline, going: false });
  useEffect(() => {
    if (back.going) announce(text("banner.onlineAgain"));
  }, [back.going, announce, text]);
  return back.going ? going : 0;
}

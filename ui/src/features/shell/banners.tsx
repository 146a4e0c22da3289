/** One banner at a time: what is so since when, what still works, what happens next. */
import { useState } from "react";
import { Button, IconButton } from "../../components/button";
import { Icon } from "../../components/icon";
import { useTimes } from "../../components/time";
import { Say, useText } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { useView } from "./view";

export function Banners() {
  const view = useView();
  const times = useTimes();
  const text = useText();
  const pushing = useAct("push_changes", ["status", "changes", "cards", "accounts"]);
  const [seen, setSeen] = useState<string | null>(null);
  const { network, changes } = view.here;
  if (network.kind === "offline") {
    return (
      <div className="banner warn" role="status" data-testid="offline-banner">
        <Icon name="wifiOff" />
        <span className="grow">
          <Say id="banner.offline" at={times.at(network.since)} waiting={changes.waiting} />
        </span>
        <Button size="s" isDisabled={pushing.isPending} onPress={() => pushing.mutate({ env: view.env })}>
          {pushing.isPending ? <Say id="action.trying" /> : <Say id="action.tryNow" />}
        </Button>
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

/** In a narrow window the rail shows pictures only: there the word comes on hover and on focus. */
import { type ReactNode, useSyncExternalStore } from "react";
import { Tooltip, TooltipTrigger } from "react-aria-components";
import { type MessageId, Say } from "../../messages/text";

// As in the style sheets.
const NARROW = "(max-width: 1120px)";

function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const narrow = window.matchMedia(NARROW);
      narrow.addEventListener("change", listener);
      return () => narrow.removeEventListener("change", listener);
    },
    () => window.matchMedia(NARROW).matches,
  );
}

export function RailHint({ word, children }: { word: MessageId; children: ReactNode }) {
  const narrow = useNarrow();
  return (
    <TooltipTrigger delay={200} closeDelay={80} isDisabled={!narrow}>
      {children}
      <Tooltip className="hint-pop" placement="right" offset={6}>
        <Say id={word} />
      </Tooltip>
    </TooltipTrigger>
  );
}

import { useEffect, useState } from "react";
import { useText } from "../messages/text";
import { useAct } from "../platform/queries";
import { useAnnounce } from "./announce";
import { IconButton } from "./button";

const SHOWN_MS = 1_500;

/** Copies through the host, which takes the text out of the clipboard again after half a minute. */
export function useCopy() {
  const copying = useAct("copy_text");
  const announce = useAnnounce();
  const text = useText();
  return async (value: string) => {
    await copying.mutateAsync({ text: value });
    announce(text("copy.done"));
  };
}

export function CopyButton({ value, label }: { value: string; label: string }) {
  const copy = useCopy();
  const text = useText();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <IconButton
      icon={copied ? "check" : "copy"}
      label={copied ? text("copy.done") : label}
      className={copied ? "c-ok" : ""}
      onPress={() => {
        copy(value).then(
          () => setCopied(true),
          () => setCopied(false),
        );
      }}
    />
  );
}

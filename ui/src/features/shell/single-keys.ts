/** The choice whether single keys act, kept between starts. */
import { setSingleKeys } from "../../components/keys";
import { recall, remember } from "./memory";

export function startSingleKeys(): void {
  setSingleKeys(recall("single-keys") !== "off");
}

export function keepSingleKeys(on: boolean): void {
  remember("single-keys", on ? "on" : "off");
  setSingleKeys(on);
}

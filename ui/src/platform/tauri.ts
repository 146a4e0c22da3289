/** The host inside the desktop window. */
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Invalidated } from "../contract";
import type { Platform } from "./platform";

const INVALIDATED = "desk-invalidated";

export const platform: Platform = {
  call: (name, request) => invoke(name, { request }),
  onInvalidated(listener) {
    const stopping = listen<Invalidated>(INVALIDATED, (event) => listener(event.payload.tags));
    return () => {
      void stopping.then((stop) => stop());
    };
  },
};

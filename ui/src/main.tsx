import { platform } from "@host";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./features/shell/app";
import { startSingleKeys } from "./features/shell/single-keys";
import { startTheme } from "./features/shell/theme";
import { makeQueryClient } from "./platform/queries";
import "./styles/base.css";

startTheme();
startSingleKeys();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App platform={platform} client={makeQueryClient()} />
    </StrictMode>,
  );
}

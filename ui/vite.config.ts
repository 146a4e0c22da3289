import { fileURLToPath } from "node:url";
import optimizeLocales from "@react-aria/optimize-locales-plugin";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The host is chosen when the bundle is made: the product holds no fake, and the browser build holds no Tauri.
export default defineConfig(({ mode }) => ({
  plugins: [
    react(),
    tailwindcss(),
    // React Aria speaks some thirty languages; this product will speak five.
    { ...optimizeLocales.vite({ locales: ["en-US", "de-DE", "fr-FR", "it-IT", "ja-JP"] }), enforce: "pre" as const },
  ],
  base: "./",
  resolve: {
    alias: { "@host": here(mode === "fake" ? "./src/platform/fake/browser.ts" : "./src/platform/tauri.ts") },
  },
  clearScreen: false,
  server: { port: 5173, strictPort: true },
  build: {
    target: ["safari15"],
    cssTarget: ["safari15.4"],
    sourcemap: false,
    // A data: font or script would need a wider content security policy.
    assetsInlineLimit: 0,
    // One window, one file, from the disk: nothing is gained by more of them.
    chunkSizeWarningLimit: 1000,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: "happy-dom",
    setupFiles: ["./src/test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    css: false,
    testTimeout: 20_000,
  },
}));

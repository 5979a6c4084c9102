import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { themeVariables } from "./build/themeVariables.ts";

const PRODUCT = "http://127.0.0.1:8000";

// Mode "demo" has the demo people and the sandbox; mode "production" contains no code of either.
export default defineConfig({
  plugins: [react(), themeVariables()],
  resolve: { tsconfigPaths: true },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/display", "/local", "/health", "/config.json", "/sandbox/api"].map((path) => [
        path,
        PRODUCT,
      ]),
    ),
  },
});

import "./theme/styles";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { type Config, loadConfig } from "./session/config";
import type { SignInProvider } from "./session/provider";
import { session } from "./session/session";

async function providerOf(config: Config): Promise<SignInProvider | undefined> {
  if (import.meta.env.MODE === "demo" && !config.sign_in) {
    return new (await import("./session/local/provider")).LocalProvider();
  }
  return config.sign_in ? new (await import("./session/oidc")).OidcProvider(config.sign_in) : undefined;
}

const root = document.getElementById("root");
if (root) {
  const config = await loadConfig();
  createRoot(root).render(<App />);
  await session.begin(await providerOf(config));
}

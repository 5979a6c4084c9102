/** What a deployment says about itself in /config.json, which is never cached. */
export interface Config {
  environment: "local" | "staging" | "production";
  sandbox: boolean;
  sign_in: { issuer: string; client_id: string; scope: string } | null;
}

let loaded: Config | undefined;

/** Load the deployment's configuration; once, before anything is shown. */
export async function loadConfig(): Promise<Config> {
  const answer = await fetch("/config.json", { cache: "no-store" });
  loaded = (await answer.json()) as Config;
  return loaded;
}

/** Return the configuration that was loaded. */
export function config(): Config {
  if (!loaded) throw new Error("the configuration is not loaded");
  return loaded;
}

import { Tabs } from "@mantine/core";
import { api } from "@/api/client";
import { Loaded } from "@/parts/Loaded";
import { ReadOnly } from "@/parts/NotAllowed";
import { Page } from "@/parts/Page";
import { useMay, useMe } from "@/session/useMe";
import { useQueryText } from "@/shell/useQueryText";
import { words } from "@/words/integrations";
import { IntegrationPanel } from "./IntegrationPanel";
import { KINDS } from "./kinds";
import { ReadPanel } from "./ReadPanel";

/** Connects the organization to its Exotel accounts; one tab per channel. */
export default function IntegrationsPage() {
  const [tab, setTab] = useQueryText("tab", "phone");
  const me = useMe();
  const mayConfigure = useMay("integrations:configure");
  const integrations = api.useQuery("get", "/api/v1/settings/integrations");
  const chosen = KINDS.find((kind) => kind.tab === tab) ?? KINDS[0];
  return (
    <Page title={words.title} about={words.about}>
      {me && !mayConfigure && <ReadOnly />}
      <Tabs
        value={chosen?.tab ?? null}
        onChange={(next) => setTab(next ?? "phone")}
        keepMounted={false}
        activateTabWithKeyboard={false}
      >
        <Tabs.List aria-label={words.tabs}>
          {KINDS.map((kind) => (
            <Tabs.Tab key={kind.tab} value={kind.tab} leftSection={<kind.icon size={16} />}>
              {words.kinds[kind.tab].tab}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {KINDS.map((kind) => (
          <Tabs.Panel key={kind.tab} value={kind.tab} pt="lg">
            <Loaded query={integrations}>
              {({ data }) => {
                const integration = data.find((each) => each.integration_type === kind.type);
                const Panel = mayConfigure ? IntegrationPanel : ReadPanel;
                return <Panel kind={kind} integration={integration} />;
              }}
            </Loaded>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}

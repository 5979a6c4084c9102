import { Tabs } from "@mantine/core";
import { EmptyState } from "@/parts/EmptyState";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { config } from "@/session/config";
import { useQueryText } from "@/shell/useQueryText";
import { words } from "@/words/sandbox/page";
import { type Conversation, type Facts, useConversation, useFacts } from "./api";
import { BreakTab } from "./breakages/BreakTab";
import { BrokenNow } from "./breakages/BrokenNow";
import { CredentialsTab } from "./CredentialsTab";
import { MailTab } from "./messages/MailTab";
import { WhatsAppTab } from "./messages/WhatsAppTab";
import { RequestsTab } from "./RequestsTab";

/** The page on which somebody plays the customer, and breaks the providers. */
export default function SandboxPage() {
  return (
    <Page title={words.title} about={words.about}>
      {config().sandbox ? <Sandbox /> : <EmptyState title={words.off.title} why={words.off.why} />}
    </Page>
  );
}

function Sandbox() {
  const facts = useFacts();
  const conversation = useConversation();
  return (
    <Loaded query={facts}>
      {(known) => (
        <Loaded query={conversation}>{(shown) => <Content facts={known} conversation={shown} />}</Loaded>
      )}
    </Loaded>
  );
}

function Content({ facts, conversation }: { facts: Facts; conversation: Conversation }) {
  const [tab, setTab] = useQueryText("tab", "whatsapp");
  const openCredentials = () => setTab("credentials");
  const broken = conversation.broken.length + conversation.faults.length;
  const panels = {
    whatsapp: <WhatsAppTab facts={facts} conversation={conversation} onCredentials={openCredentials} />,
    mail: <MailTab facts={facts} conversation={conversation} onCredentials={openCredentials} />,
    break: <BreakTab conversation={conversation} />,
    credentials: <CredentialsTab facts={facts} conversation={conversation} />,
    requests: <RequestsTab conversation={conversation} />,
  };
  const names = Object.keys(panels) as (keyof typeof panels)[];
  return (
    <>
      {tab !== "break" && <BrokenNow conversation={conversation} />}
      <Tabs value={tab in panels ? tab : "whatsapp"} onChange={(next) => setTab(next ?? "whatsapp")}>
        <Tabs.List aria-label={words.tabsLabel}>
          {names.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {name === "break" && broken > 0 ? words.breakTab(broken) : words.tabs[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {names.map((name) => (
          <Tabs.Panel key={name} value={name} pt="md">
            {panels[name]}
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}

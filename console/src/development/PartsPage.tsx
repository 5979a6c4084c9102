import {
  Button,
  Checkbox,
  NumberInput,
  Progress,
  Select,
  Switch,
  Tabs,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useState } from "react";
import { Failure } from "@/api/failure";
import { ConfirmDialog } from "@/parts/ConfirmDialog";
import { CopyButton } from "@/parts/CopyButton";
import { DataTable } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { SkeletonRows } from "@/parts/Loaded";
import { NotAllowed, ReadOnly } from "@/parts/NotAllowed";
import { Notice } from "@/parts/Notice";
import { Page } from "@/parts/Page";
import { Problem } from "@/parts/Problem";
import { SecretField } from "@/parts/SecretField";
import { Section } from "@/parts/Section";
import { StatusBadge, type Tone } from "@/parts/StatusBadge";
import { TestResult } from "@/parts/TestResult";
import { toastDone, toastFailed } from "@/parts/toasts";
import { When } from "@/parts/When";

const TONES: Tone[] = ["good", "warn", "bad", "info", "neutral"];
const REFUSED = new Failure(422, {
  error: "Exotel refuses the API key or token",
  code: "provider_denied",
  details: { status_code: 401, exotel_error: "Authentication failed" },
  request_id: "0d9c7c34-5f0e-4d5d-9a2e-6a1f2f0b7a11",
});

/** Every part and component in its states, for people who build pages, and for the tests of contrast. */
export default function PartsPage() {
  const [secret, setSecret] = useState("");
  const [asks, setAsks] = useState(false);
  return (
    <Page title="Parts" about="Every part of the console in its states." actions={<Button>Add</Button>}>
      <Section
        title="Badges and notices"
        about="A colour never says anything alone."
        actions={<CopyButton text="x" what="x" />}
      >
        <div className="line">
          {TONES.map((tone) => (
            <StatusBadge key={tone} tone={tone}>
              {tone}
            </StatusBadge>
          ))}
          <When at={new Date(Date.now() - 12_000).toISOString()} />
          <When at={null} />
        </div>
        {TONES.map((tone) => (
          <Notice key={tone} tone={tone} title={`A notice of the tone ${tone}`}>
            <p>What it says in one sentence.</p>
          </Notice>
        ))}
        <ReadOnly />
        <NotAllowed />
        <Problem error={REFUSED} onRetry={() => undefined} />
        <TestResult
          seconds={1.3}
          checks={[
            { name: "Account", works: true, note: "Asha Traders" },
            { name: "Number", works: false, note: "The account does not own 01141169368." },
            { name: "Voice", works: undefined },
          ]}
        />
        <EmptyState
          title="No numbers yet"
          why="They arrive when the phone integration is saved."
          action={<Button>Sync now</Button>}
        />
        <SkeletonRows rows={2} />
      </Section>
      <Section title="Form">
        <div className="columns">
          <TextInput
            label="Account SID"
            description="As Exotel's dashboard shows it."
            placeholder="asha1"
            required
          />
          <TextInput label="Virtual Number" error="Must have 10 or 11 digits" defaultValue="123" />
          <SecretField label="API Token" value={secret} onChange={setSecret} isStored />
          <Select label="Region" data={["Singapore", "Mumbai"]} defaultValue="Mumbai" />
          <NumberInput label="Daily limit" defaultValue={200} />
          <Textarea label="Welcome Message" autosize={false} rows={2} />
        </div>
        <div className="line">
          <Switch label="Enable Auto-Reply" defaultChecked />
          <Checkbox label="Set as Default" defaultChecked />
        </div>
        <Progress value={40} aria-label="Progress" />
        <Tabs defaultValue="phone">
          <Tabs.List>
            <Tabs.Tab value="phone">Phone</Tabs.Tab>
            <Tabs.Tab value="whatsapp">WhatsApp</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="phone">The content of the tab.</Tabs.Panel>
        </Tabs>
        <div className="line">
          <Button onClick={() => toastDone("Exotel connection verified!")}>Toast</Button>
          <Button variant="default" onClick={() => toastFailed("Invalid credentials")}>
            Red toast
          </Button>
          <Button color="red.9" onClick={() => setAsks(true)}>
            Delete
          </Button>
          <Button variant="subtle">Subtle</Button>
          <Button disabled>Disabled</Button>
        </div>
      </Section>
      <DataTable
        caption="Numbers"
        rows={["01141169368", "08047112345"]}
        rowKey={(row) => row}
        columns={[
          { title: "Number", cell: (row) => row },
          { title: "State", cell: () => <StatusBadge tone="good">Active</StatusBadge> },
          { title: "Actions", untitled: true, align: "end", cell: () => <Button size="xs">Assign</Button> },
        ]}
      />
      <ConfirmDialog
        opened={asks}
        onClose={() => setAsks(false)}
        title="Delete the integration?"
        action="Delete"
        isDangerous
        typed="phone"
        onConfirm={async () => undefined}
      >
        <p>Calls stop at once. History stays.</p>
      </ConfirmDialog>
    </Page>
  );
}

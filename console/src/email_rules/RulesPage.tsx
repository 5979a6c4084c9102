import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { api } from "@/api/client";
import { EmptyState } from "@/parts/EmptyState";
import { PlusIcon } from "@/parts/icons";
import { Loaded } from "@/parts/Loaded";
import { ReadOnly } from "@/parts/NotAllowed";
import { Page } from "@/parts/Page";
import { useMay, useMe } from "@/session/useMe";
import { words } from "@/words/email_rules";
import { LoopLimits } from "./LoopLimits";
import { RuleTable } from "./RuleTable";

/** The rules for inbound mail, in the order in which they run. */
export default function RulesPage() {
  const rules = api.useQuery("get", "/api/v1/settings/email-rules");
  const me = useMe();
  const may = useMay("email_rules:configure");
  const navigate = useNavigate();
  const add = () => void navigate({ to: "/settings/rules/new" as string });
  const button = (
    <Button leftSection={<PlusIcon size={16} />} onClick={add}>
      {words.add}
    </Button>
  );
  const first = (
    <Button variant="default" onClick={add}>
      {words.empty.action}
    </Button>
  );
  return (
    <Page title={words.title} about={words.about} actions={may && button}>
      {me && !may && <ReadOnly />}
      <Loaded query={rules}>
        {({ data }) =>
          data.length === 0 ? (
            <EmptyState title={words.empty.title} why={words.empty.why} action={may && first} />
          ) : (
            <RuleTable rules={data} may={may} />
          )
        }
      </Loaded>
      <LoopLimits />
    </Page>
  );
}

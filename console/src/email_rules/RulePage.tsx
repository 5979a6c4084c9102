import { Link, useParams } from "@tanstack/react-router";
import { api } from "@/api/client";
import { Loaded } from "@/parts/Loaded";
import { ReadOnly } from "@/parts/NotAllowed";
import { Page } from "@/parts/Page";
import { useMay, useMe } from "@/session/useMe";
import { words } from "@/words/email_rules";
import { DeleteRule } from "./DeleteRule";
import { LoopLimits } from "./LoopLimits";
import { RuleForm } from "./RuleForm";

const NEW = "new";

/** Writes a rule, and tries it on past messages. */
export default function RulePage() {
  const { ruleId } = useParams({ strict: false }) as { ruleId: string };
  const me = useMe();
  const may = useMay("email_rules:configure");
  if (ruleId !== NEW) return <StoredRule key={ruleId} id={ruleId} />;
  return (
    <Page title={words.newTitle} actions={<Link to="/settings/rules">{words.back}</Link>}>
      {me && !may && <ReadOnly />}
      {may && <RuleForm may />}
      <LoopLimits />
    </Page>
  );
}

function StoredRule({ id }: { id: string }) {
  const me = useMe();
  const may = useMay("email_rules:configure");
  const rule = api.useQuery("get", "/api/v1/settings/email-rules/{rule_id}", {
    params: { path: { rule_id: id } },
  });
  return (
    <Page
      title={rule.data?.data.name ?? words.title}
      actions={<Link to="/settings/rules">{words.back}</Link>}
    >
      {me && !may && <ReadOnly />}
      <Loaded query={rule}>
        {({ data }) => (
          <>
            <RuleForm rule={data} may={may} />
            <LoopLimits />
            {may && <DeleteRule rule={data} />}
          </>
        )}
      </Loaded>
    </Page>
  );
}

import { SegmentedControl } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { api } from "@/api/client";
import type { DeadLetterGroup } from "@/api/schema";
import { EmptyState } from "@/parts/EmptyState";
import { Loaded } from "@/parts/Loaded";
import { ReadOnly } from "@/parts/NotAllowed";
import { Page } from "@/parts/Page";
import { useMe } from "@/session/useMe";
import { useQueryText } from "@/shell/useQueryText";
import { words } from "@/words/dead_letters";
import type { Choice } from "./choice";
import { Group } from "./Group";
import { type State, stateOf } from "./state";

const RedriveDialog = lazy(() => import("./RedriveDialog"));
const DiscardDialog = lazy(() => import("./DiscardDialog"));

/** What is asked about a choice. */
interface Question {
  verb: "redrive" | "discard";
  choice: Choice;
}

/** What workers gave up, in groups by cause; admins redrive or discard them. */
export default function DeadLettersPage() {
  const [text, setText] = useQueryText("state", "open");
  const [question, setQuestion] = useState<Question>();
  const state = stateOf(text);
  const me = useMe();
  const maySettle = me?.permissions.includes("dead_letters:settle") ?? false;
  const query = { state };
  const groups = api.useQuery("get", "/api/v1/settings/dead-letters", { params: { query } });
  const ask = maySettle && state === "open" ? setQuestion : undefined;
  return (
    <Page title={words.title} about={words.about}>
      {me && !maySettle && <ReadOnly />}
      <div>
        <SegmentedControl
          aria-label={words.stateLabel}
          value={state}
          onChange={setText}
          data={Object.entries(words.states).map(([value, label]) => ({ value, label }))}
        />
      </div>
      <Loaded query={groups}>
        {({ data }) => (data.length === 0 ? <Nothing state={state} /> : <Groups {...{ data, state, ask }} />)}
      </Loaded>
      <Suspense>
        {question?.verb === "redrive" && (
          <RedriveDialog choice={question.choice} onClose={() => setQuestion(undefined)} />
        )}
        {question?.verb === "discard" && (
          <DiscardDialog choice={question.choice} onClose={() => setQuestion(undefined)} />
        )}
      </Suspense>
    </Page>
  );
}

function Groups(props: {
  data: DeadLetterGroup[];
  state: State;
  ask: ((question: Question) => void) | undefined;
}) {
  const { ask } = props;
  return (
    <div className="stack">
      {props.data.map((group) => (
        <Group
          key={`${group.queue} ${group.cause}`}
          group={group}
          state={props.state}
          onRedrive={ask && ((choice) => ask({ verb: "redrive", choice }))}
          onDiscard={ask && ((choice) => ask({ verb: "discard", choice }))}
        />
      ))}
    </div>
  );
}

function Nothing({ state }: { state: State }) {
  const { title, why } = words.empty[state];
  const action = <Link to="/operations/diagnostics">{words.empty.open.action}</Link>;
  return <EmptyState title={title} why={why} action={state === "open" ? action : undefined} />;
}

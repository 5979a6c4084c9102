import { Button } from "@mantine/core";
import { useState } from "react";
import { api, client } from "@/api/client";
import type { RotationProgress } from "@/api/schema";
import { ConfirmDialog } from "@/parts/ConfirmDialog";
import { EmptyState } from "@/parts/EmptyState";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/maintenance";
import { Failures } from "./Failures";
import { Standing } from "./Standing";

const ROTATION = "/api/v1/settings/encryption/rotation" as const;
/** While it runs, a worker moves it more often than it announces a change. */
const WATCH_MS = 1500;

/** The key rotation: start it, follow it place by place, and see what could not be opened. */
export default function EncryptionPage() {
  const [asks, setAsks] = useState(false);
  const rotation = api.useQuery(
    "get",
    ROTATION,
    {},
    { refetchInterval: (query) => (isRunning(query.state.data?.data) ? WATCH_MS : false) },
  );
  const progress = rotation.data?.data;
  const start = async () => {
    await client.POST("/api/v1/settings/encryption/rotate", {});
    toastDone(words.started, "rotation");
    await rotation.refetch();
  };
  return (
    <Page
      title={words.title}
      about={words.about}
      actions={progress?.finished_at && <Button onClick={() => setAsks(true)}>{words.startAgain}</Button>}
    >
      <Loaded query={rotation}>
        {({ data }) =>
          data.started_at ? (
            <>
              <Standing rotation={data} />
              <Failures rows={data.unreadable_rows} />
            </>
          ) : (
            <EmptyState
              title={words.never.title}
              why={words.never.why}
              action={<Button onClick={() => setAsks(true)}>{words.start}</Button>}
            />
          )
        }
      </Loaded>
      <ConfirmDialog
        opened={asks}
        onClose={() => setAsks(false)}
        title={words.confirm.title}
        action={words.confirm.action}
        onConfirm={start}
      >
        <p>{words.confirm.body}</p>
      </ConfirmDialog>
    </Page>
  );
}

function isRunning(rotation: RotationProgress | undefined): boolean {
  return Boolean(rotation?.started_at && !rotation.finished_at);
}

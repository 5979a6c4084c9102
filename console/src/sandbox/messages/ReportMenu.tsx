import { Button, Menu } from "@mantine/core";
import { failureOf } from "@/api/failure";
import { toastFailed } from "@/parts/toasts";
import { words } from "@/words/sandbox/page";
import { useAct } from "../api";

const GOOD = [
  [30001, words.report.sent],
  [30002, words.report.delivered],
  [30003, words.report.read],
] as const;

/** Lets the customer's phone say what became of a message. */
export function ReportMenu({ sid }: { sid: string }) {
  const act = useAct();
  const report = (code: number) =>
    act("POST", "/callbacks", { sid, code }).catch((error) =>
      toastFailed(failureOf(error).error, "sandbox-report"),
    );
  return (
    <Menu position="bottom-start" withinPortal>
      <Menu.Target>
        <Button size="compact-xs" variant="subtle">
          {words.report.open}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflowY: "auto" }}>
        {GOOD.map(([code, word]) => (
          <Menu.Item key={code} onClick={() => void report(code)}>
            {word}
          </Menu.Item>
        ))}
        <Menu.Divider />
        {Object.entries(words.report.codes).map(([code, word]) => (
          <Menu.Item key={code} onClick={() => void report(Number(code))}>
            {words.report.failedBecause(word)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

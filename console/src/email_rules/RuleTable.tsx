import { ActionIcon } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { client } from "@/api/client";
import type { ListedEmailRule } from "@/api/schema";
import { type Column, DataTable } from "@/parts/DataTable";
import { DownIcon, UpIcon } from "@/parts/icons";
import { Problem } from "@/parts/Problem";
import { words } from "@/words/email_rules";
import { ActiveSwitch } from "./ActiveSwitch";
import styles from "./Rules.module.css";
import { actionsOf, conditionsOf } from "./sentences";
import { useNames } from "./useNames";
import { useReloadRules } from "./useReloadRules";

type Step = -1 | 1;

/** The rules, one row each; buttons move a rule, and the focus stays with it. */
export function RuleTable({ rules, may }: { rules: ListedEmailRule[]; may: boolean }) {
  const names = useNames();
  const [problem, setProblem] = useState<unknown>();
  const { move, said } = useMoving(rules, setProblem);
  const columns: Column<ListedEmailRule>[] = [
    {
      title: words.columns.order,
      cell: (rule) => <Order rule={rule} rules={rules} may={may} onMove={move} />,
    },
    {
      title: words.columns.name,
      cell: (rule) => (
        <div>
          <Link to={`/settings/rules/${rule.id}` as string}>{rule.name}</Link>
          <span className={styles.sentence}>{conditionsOf(rule, names)}</span>
          <span className={styles.sentence}>{actionsOf(rule, names)}</span>
        </div>
      ),
    },
    {
      title: words.columns.fired,
      cell: (rule) => <span className="number">{words.fired(rule.fired_last_7_days)}</span>,
    },
    {
      title: words.columns.active,
      cell: (rule) => <ActiveSwitch rule={rule} may={may} onProblem={setProblem} />,
    },
  ];
  return (
    <>
      {problem ? <Problem error={problem} /> : null}
      <DataTable caption={words.caption} columns={columns} rows={rules} rowKey={(rule) => rule.id} />
      <output className="unseen">{said}</output>
    </>
  );
}

interface OrderProps {
  rule: ListedEmailRule;
  rules: ListedEmailRule[];
  may: boolean;
  onMove: (rule: ListedEmailRule, step: Step) => void;
}

const buttonOf = (rule: ListedEmailRule, step: Step) => `rule-${step === 1 ? "down" : "up"}-${rule.id}`;

function Order({ rule, rules, may, onMove }: OrderProps) {
  const place = rules.indexOf(rule);
  return (
    <span className={styles.order}>
      <span className="number">{place + 1}</span>
      {may && (
        <>
          <ActionIcon
            id={buttonOf(rule, -1)}
            aria-label={words.up(rule.name)}
            disabled={place === 0}
            onClick={() => onMove(rule, -1)}
          >
            <UpIcon size={16} />
          </ActionIcon>
          <ActionIcon
            id={buttonOf(rule, 1)}
            aria-label={words.down(rule.name)}
            disabled={place === rules.length - 1}
            onClick={() => onMove(rule, 1)}
          >
            <DownIcon size={16} />
          </ActionIcon>
        </>
      )}
    </span>
  );
}

function useMoving(rules: ListedEmailRule[], onProblem: (problem: unknown) => void) {
  const [said, setSaid] = useState("");
  const focus = useRef<string[]>([]);
  const running = useRef(false);
  const reload = useReloadRules();
  // A row that moves loses the focus, and its button may be off at the end of the list: then the other one has it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new order moves the focus
  useEffect(() => {
    const buttons = focus.current.map((id) => document.getElementById(id));
    focus.current = [];
    buttons.find((button) => button && !button.hasAttribute("disabled"))?.focus();
  }, [rules]);
  const move = async (rule: ListedEmailRule, step: Step) => {
    const ids = rules.map((each) => each.id);
    const place = ids.indexOf(rule.id);
    if (running.current || place + step < 0 || place + step >= ids.length) return;
    running.current = true;
    ids.splice(place, 1);
    ids.splice(place + step, 0, rule.id);
    onProblem(undefined);
    try {
      await client.POST("/api/v1/settings/email-rules/reorder", { body: { rule_ids: ids } });
      focus.current = [buttonOf(rule, step), buttonOf(rule, step === 1 ? -1 : 1)];
      setSaid(words.moved(rule.name, place + step + 1, ids.length));
    } catch (error) {
      onProblem(error);
    }
    await reload();
    running.current = false;
  };
  return { move: (rule: ListedEmailRule, step: Step) => void move(rule, step), said };
}

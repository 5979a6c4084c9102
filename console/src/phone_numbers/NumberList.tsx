import { Button, Switch } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { api } from "@/api/client";
import type { PhoneNumber } from "@/api/schema";
import { type Column, DataTable } from "@/parts/DataTable";
import { Loaded } from "@/parts/Loaded";
import { StatusBadge } from "@/parts/StatusBadge";
import { useMay } from "@/session/useMe";
import { words } from "@/words/phone_numbers";
import { NoNumbers } from "./NoNumbers";
import styles from "./NumberList.module.css";
import { NUMBERS } from "./paths";

const AssignDialog = lazy(() => import("./AssignDialog"));
const EditDialog = lazy(() => import("./EditDialog"));

/** As many as the API lists at once; an Exotel account has far fewer. */
const MOST = 200;

type Open = { what: "assign" | "edit"; id: string } | undefined;

/** The organization's numbers, with what may be done to them. */
export function NumberList() {
  const [includeInactive, setIncludeInactive] = useState(false);
  const [open, setOpen] = useState<Open>();
  const query = { include_inactive: includeInactive, limit: MOST };
  const numbers = api.useQuery("get", NUMBERS, { params: { query } });
  const columns = useColumns(setOpen);
  const shown = numbers.data?.data.find((each) => each.id === open?.id);
  const close = () => setOpen(undefined);
  const gone = (
    <Switch
      label={words.includeInactive}
      checked={includeInactive}
      onChange={(event) => setIncludeInactive(event.currentTarget.checked)}
    />
  );
  return (
    <>
      <Loaded query={numbers}>
        {({ data }) =>
          data.length === 0 ? (
            <NoNumbers />
          ) : (
            <>
              <DataTable caption={words.caption} columns={columns} rows={data} rowKey={(each) => each.id} />
              {gone}
            </>
          )
        }
      </Loaded>
      {includeInactive && numbers.data?.data.length === 0 && gone}
      <Suspense>
        {shown && open?.what === "assign" && <AssignDialog number={shown} onClose={close} />}
        {shown && open?.what === "edit" && <EditDialog number={shown} onClose={close} />}
      </Suspense>
    </>
  );
}

function useColumns(onOpen: (open: Open) => void): Column<PhoneNumber>[] {
  const mayAssign = useMay("phone_numbers:assign");
  const mayEdit = useMay("phone_numbers:configure");
  const actions: Column<PhoneNumber> = {
    title: words.columns.actions,
    untitled: true,
    align: "end",
    cell: (number) => (
      <span className={styles.actions}>
        {mayEdit && (
          <Button
            size="xs"
            variant="default"
            aria-label={words.editOf(number.phone_number)}
            onClick={() => onOpen({ what: "edit", id: number.id })}
          >
            {words.edit}
          </Button>
        )}
        {mayAssign && number.is_active && (
          <Button
            size="xs"
            variant="default"
            aria-label={words.assignOf(number.phone_number)}
            onClick={() => onOpen({ what: "assign", id: number.id })}
          >
            {words.assign}
          </Button>
        )}
      </span>
    ),
  };
  return mayAssign || mayEdit ? [...FACTS, actions] : FACTS;
}

const FACTS: Column<PhoneNumber>[] = [
  { title: words.columns.number, cell: (number) => <NameOf number={number} /> },
  { title: words.columns.uses, cell: (number) => usesOf(number) },
  {
    title: words.columns.assigned,
    cell: (number) => number.assigned_to_user_name ?? <span className="muted">{words.nobody}</span>,
  },
];

function NameOf({ number }: { number: PhoneNumber }) {
  return (
    <span className={styles.number}>
      <strong className="number">{number.phone_number}</strong>
      {number.is_primary && <StatusBadge tone="info">{words.primary}</StatusBadge>}
      {!number.is_active && <StatusBadge tone="neutral">{words.gone}</StatusBadge>}
      <span className={styles.name}>
        {[number.display_name, words.types[number.number_type]].filter(Boolean).join(" · ")}
      </span>
    </span>
  );
}

function usesOf(number: PhoneNumber): string {
  const uses = [number.can_call && words.call, number.can_sms && words.sms].filter(Boolean);
  return uses.join(", ") || words.nothing;
}

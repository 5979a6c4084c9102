import { NumberList } from "@/phone_numbers/NumberList";

/** The organization's numbers, as their own page shows them. */
export default function NumbersTab() {
  return (
    <div className="stack">
      <NumberList />
    </div>
  );
}

import { Page } from "@/parts/Page";
import { words } from "@/words/phone_numbers";
import { NumberList } from "./NumberList";
import { SyncButton } from "./SyncButton";

/** The phone numbers; the team's page has the same list as a tab. */
export default function PhoneNumbersPage() {
  return (
    <Page title={words.title} about={words.about} actions={<SyncButton />}>
      <NumberList />
    </Page>
  );
}

import { api } from "@/api/client";
import type { EmailAccount } from "@/api/schema";
import { FormDrawer } from "@/forms/FormDrawer";
import { Loaded } from "@/parts/Loaded";
import { words } from "@/words/email_accounts";
import { AddAccountForm } from "./AddAccountForm";

/** Adds a mailbox, beside the list. Closing it with changes asks. */
export default function AddAccountDrawer(props: { accounts: EmailAccount[]; onClose: () => void }) {
  const presets = api.useQuery("get", "/api/v1/settings/email-accounts/presets", {}, { staleTime: Infinity });
  return (
    <FormDrawer onClose={props.onClose} title={words.form.addTitle} size={560}>
      <Loaded query={presets}>{({ data }) => <AddAccountForm presets={data} {...props} />}</Loaded>
    </FormDrawer>
  );
}

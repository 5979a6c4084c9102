import { Checkbox, Modal, TextInput } from "@mantine/core";
import { client } from "@/api/client";
import { ifMatch } from "@/api/ifMatch";
import type { PhoneNumber } from "@/api/schema";
import { useReload } from "@/api/useReload";
import { FormFrame } from "@/forms/FormFrame";
import { useSaving } from "@/forms/useSaving";
import { useServerForm } from "@/forms/useServerForm";
import { toastDone } from "@/parts/toasts";
import { useReturnFocus } from "@/parts/useReturnFocus";
import { words } from "@/words/phone_numbers";
import { NUMBERS, TEAM } from "./paths";

const { editor } = words;

/** Rename a number, or make it the primary one. */
export default function EditDialog({ number, onClose }: { number: PhoneNumber; onClose: () => void }) {
  useReturnFocus();
  const reload = useReload();
  const { form, version, reset } = useServerForm({
    values: { display_name: number.display_name ?? "", is_primary: number.is_primary },
    version: number.version,
  });
  const saving = useSaving({
    form,
    version,
    save: (values, base) => {
      const becomesPrimary = values.is_primary && !number.is_primary;
      // A change of nothing would be refused.
      const isNameSent = !becomesPrimary || values.display_name !== (number.display_name ?? "");
      return client.PATCH("/api/v1/settings/phone-numbers/{number_id}", {
        params: { path: { number_id: number.id }, header: ifMatch(base) },
        body: {
          ...(isNameSent && { display_name: values.display_name }),
          ...(becomesPrimary && { is_primary: true as const }),
        },
      });
    },
    onSaved: async () => {
      toastDone(editor.saved, "number");
      await reload(NUMBERS, TEAM);
      onClose();
    },
  });
  const takeTheirs = async () => {
    await reload(NUMBERS);
    reset();
  };
  return (
    <Modal opened onClose={onClose} title={editor.title(number.phone_number)}>
      <FormFrame saving={saving} isDirty={form.isDirty()} onTakeTheirs={() => void takeTheirs()}>
        <TextInput
          label={editor.name}
          description={editor.nameAbout}
          maxLength={100}
          data-autofocus
          {...form.getInputProps("display_name")}
        />
        {number.is_primary ? (
          <p className="muted">{editor.isPrimary}</p>
        ) : (
          number.is_active && (
            <Checkbox
              label={editor.primary}
              description={editor.primaryAbout}
              {...form.getInputProps("is_primary", { type: "checkbox" })}
            />
          )
        )}
      </FormFrame>
    </Modal>
  );
}

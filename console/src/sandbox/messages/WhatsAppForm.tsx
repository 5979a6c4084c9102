import { Button, SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { Problem } from "@/parts/Problem";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/sandbox/page";
import { type Content, type Facts, useAct } from "../api";
import { useAskConnections } from "../connections";
import { useSending } from "../useSending";

type Kind = "text" | "image" | "location";

const { fields } = words.whatsapp;

/** What is written is sent as the customer. The product's callback address is entered at Exotel first, as its staff do. */
export function WhatsAppForm({
  facts,
  addresses,
}: {
  facts: Facts;
  addresses: Record<string, string | null>;
}) {
  const accounts = facts.exotel_accounts.filter((account) => account.whatsapp_number);
  const act = useAct();
  const enter = useEnteredAddress(addresses);
  const [from, setFrom] = useState<string>(words.customer.number);
  const [name, setName] = useState<string>(words.customer.name);
  const [to, setTo] = useState(accounts[0]?.whatsapp_number ?? "");
  const [kind, setKind] = useState<Kind>("text");
  const [text, setText] = useState<string>(words.whatsapp.standard.text);
  const [url, setUrl] = useState<string>(words.whatsapp.standard.picture);
  const [place, setPlace] = useState<string>(words.whatsapp.standard.place);
  const sending = useSending(["from", "text"], async () => {
    const account = accounts.find((each) => each.whatsapp_number === to);
    if (account) await enter(account.account_sid, to);
    const content = contentOf(kind, { text, url, place });
    const done = await act<{ posted_to: string | null }>("POST", "/incoming", {
      from,
      to,
      profile_name: name,
      ...(kind === "text" ? { text } : { content }),
    });
    toastDone(done.posted_to ? words.whatsapp.sent : words.whatsapp.sentNowhere, "sandbox-sent");
  });
  return (
    <form className="stack" onSubmit={sending.submit} noValidate>
      <TextInput
        label={fields.from}
        type="tel"
        value={from}
        error={sending.errorOf("from")}
        onChange={(event) => setFrom(event.currentTarget.value)}
      />
      <TextInput label={fields.name} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Select
        label={fields.to}
        allowDeselect={false}
        value={to}
        onChange={(value) => setTo(value ?? to)}
        data={accounts.map((account) => ({
          value: account.whatsapp_number ?? "",
          label: words.whatsapp.numberOf(account.whatsapp_number ?? "", account.account_sid),
        }))}
      />
      <SegmentedControl
        aria-label={fields.kind}
        value={kind}
        onChange={(value) => setKind(value as Kind)}
        data={[
          { value: "text", label: words.whatsapp.kinds.text },
          { value: "image", label: words.whatsapp.kinds.image },
          { value: "location", label: words.whatsapp.kinds.location },
        ]}
      />
      {kind === "image" && (
        <TextInput
          label={fields.url}
          description={fields.urlAbout}
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
      )}
      {kind === "location" ? (
        <TextInput
          label={fields.place}
          value={place}
          onChange={(event) => setPlace(event.currentTarget.value)}
        />
      ) : (
        <Textarea
          label={kind === "text" ? fields.text : fields.caption}
          rows={3}
          value={text}
          error={sending.errorOf("text")}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      {sending.problem && <Problem error={sending.problem} />}
      <div className="line">
        <Button type="submit" loading={sending.busy}>
          {words.whatsapp.send}
        </Button>
      </div>
      <p className="muted">{words.whatsapp.window}</p>
    </form>
  );
}

function contentOf(kind: Kind, typed: { text: string; url: string; place: string }): Content {
  if (kind === "image") return { type: "image", image: { url: typed.url, caption: typed.text } };
  return { type: "location", location: { name: typed.place, ...words.whatsapp.standard.coordinates } };
}

/** Return how to enter the product's callback address at Exotel, unless somebody has. */
function useEnteredAddress(addresses: Record<string, string | null>) {
  const ask = useAskConnections();
  const act = useAct();
  return async (accountSid: string, number: string) => {
    if (addresses[accountSid]) return;
    const url = (await ask()).whatsapp[number]?.callbackUrl;
    if (url) await act("PATCH", `/accounts/${encodeURIComponent(accountSid)}`, { default_webhook_url: url });
  };
}

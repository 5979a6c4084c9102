import { Button, FileButton, Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { Problem } from "@/parts/Problem";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/sandbox/page";
import { type Facts, type Mail, useAct } from "../api";
import { useSending } from "../useSending";

const { fields } = words.mail;

interface Props {
  facts: Facts;
  /** The mail of the product that is answered; a new one otherwise. */
  answered: Mail | undefined;
  onEnd: () => void;
}

/** A customer's mail, new or as an answer, with files. */
export function MailForm({ facts, answered, onEnd }: Props) {
  const act = useAct();
  const [from, setFrom] = useState<string>(answered?.recipients?.[0] ?? words.customer.email);
  const [to, setTo] = useState(answered?.account ?? facts.mailboxes[0]?.email ?? "");
  const [subject, setSubject] = useState<string>(
    answered ? answerTo(answered.subject) : words.mail.standard.subject,
  );
  const [text, setText] = useState<string>(answered ? "" : words.mail.standard.text);
  const [files, setFiles] = useState<File[]>([]);
  const sending = useSending(["from", "text", "to"], async () => {
    const attachments = await Promise.all(files.map(encoded));
    await act("POST", "/mail", { from, to, subject, text, attachments, ...threadOf(answered) });
    toastDone(words.mail.sent(to), "sandbox-sent");
    setFiles([]);
    onEnd();
  });
  return (
    <form className="stack" onSubmit={sending.submit} noValidate>
      {answered && (
        <div className="line">
          <span className="muted">{words.mail.answering(answered.subject)}</span>
          <Button size="compact-xs" variant="subtle" onClick={onEnd}>
            {words.mail.writeNew}
          </Button>
        </div>
      )}
      <TextInput
        label={fields.from}
        type="email"
        value={from}
        error={sending.errorOf("from")}
        onChange={(event) => setFrom(event.currentTarget.value)}
      />
      <Select
        label={fields.to}
        allowDeselect={false}
        value={to}
        error={sending.errorOf("to")}
        onChange={(value) => setTo(value ?? to)}
        data={facts.mailboxes.map((mailbox) => mailbox.email)}
      />
      <TextInput
        label={fields.subject}
        value={subject}
        onChange={(event) => setSubject(event.currentTarget.value)}
      />
      <Textarea
        label={fields.text}
        rows={5}
        value={text}
        error={sending.errorOf("text")}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className="line">
        <FileButton multiple onChange={setFiles}>
          {(button) => (
            <Button {...button} size="xs" variant="default">
              {words.mail.attach}
            </Button>
          )}
        </FileButton>
        {files.length > 0 && (
          <span className="muted">{words.mail.files(files.map((file) => file.name))}</span>
        )}
      </div>
      {sending.problem && <Problem error={sending.problem} />}
      <div className="line">
        <Button type="submit" loading={sending.busy}>
          {words.mail.send}
        </Button>
      </div>
      <p className="muted">{words.mail.poll}</p>
    </form>
  );
}

function answerTo(subject: string): string {
  return /^re:/i.test(subject) ? subject : `Re: ${subject}`;
}

function threadOf(answered: Mail | undefined): object {
  if (!answered) return {};
  const references = [answered.references, answered.message_id].filter(Boolean).join(" ");
  return { in_reply_to: answered.message_id, references };
}

async function encoded(file: File): Promise<object> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return { filename: file.name, content_type: file.type, base64: window.btoa(binary) };
}

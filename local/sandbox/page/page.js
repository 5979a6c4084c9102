// Plays the customer: sends what the forms say to the control API and shows what came back.
// Everything received may be hostile: it is only ever set as text, never as markup.

const EVERY_MS = 1500;
const byId = (id) => document.getElementById(id);
const replyTo = { message: null };

async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error ?? `the sandbox answered ${answer.status}`);
  return content;
}

function say(text, failed = false) {
  byId("notice").textContent = text;
  byId("notice").classList.toggle("failed", failed);
}

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function options(select, values) {
  select.replaceChildren(...values.map(([value, text]) => new Option(text ?? value, value)));
}

function rows(id, lines) {
  byId(id).replaceChildren(...lines.map((cells) => {
    const row = element("tr");
    row.append(...cells.map((cell) => element("td", cell ?? "")));
    return row;
  }));
}

function onSubmit(id, act) {
  byId(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      say(await act(Object.fromEntries(new FormData(event.target)), event.target));
      await refresh();
    } catch (error) {
      say(error.message, true);
    }
  });
}

function onClick(id, act) {
  byId(id).addEventListener("click", () => act().then(refresh).catch((error) => say(error.message, true)));
}

// Lists are redrawn only when they changed, so that a reader keeps position and selection.
function redraw(name, items, draw) {
  const list = byId(`${name}-list`);
  const state = JSON.stringify(items);
  if (list.dataset.state === state) return;
  list.dataset.state = state;
  list.replaceChildren(...items.map(draw));
  byId(`${name}-empty`).hidden = items.length > 0;
}

function clock(at) {
  const time = element("time", new Date(at).toLocaleTimeString());
  time.dateTime = at;
  return time;
}

function drawMail(mail) {
  const item = element("li", undefined, "theirs");
  const answer = element("button", "Answer");
  answer.type = "button";
  answer.addEventListener("click", () => startReply(mail));
  const title = element("p");
  title.append(element("b", mail.subject || "(no subject)"), ` from ${mail.from} to ${mail.to || "nobody named in it"}`);
  if (mail.cc) title.append(`, copy to ${mail.cc}`);
  if (mail.bcc.length) title.append(`, hidden copy to ${mail.bcc.join(", ")}`);
  title.append(" ");
  title.append(clock(mail.at));
  item.append(title, element("p", mail.text), answer);
  return item;
}

function startReply(mail) {
  const form = byId("mail-form");
  replyTo.message = mail;
  form.elements.from.value = mail.recipients[0];
  form.elements.to.value = mail.account;
  form.elements.subject.value = /^re:/i.test(mail.subject) ? mail.subject : `Re: ${mail.subject}`;
  form.elements.text.value = "";
  byId("mail-reply-subject").textContent = mail.subject;
  byId("mail-reply").hidden = false;
  form.elements.text.focus();
}

function endReply() {
  replyTo.message = null;
  byId("mail-reply").hidden = true;
}

function spoken(content) {
  if (content.type === "text") return content.text.body;
  if (content.type !== "template") return `[${content.type}] ${JSON.stringify(content[content.type])}`;
  const body = (content.template.components ?? []).find((each) => each.type === "body");
  const words = (body?.parameters ?? []).map((each) => each.text).join(" · ");
  return `[template ${content.template.name}] ${words}`;
}

const STEPS = { 30001: "sent ✓", 30002: "delivered ✓✓", 30003: "read ✓✓" };

function drawWhatsapp(message) {
  const item = element("li", undefined, message.mine ? "mine" : "theirs");
  const title = element("p");
  title.append(element("b", message.mine ? `You (${message.customer})` : `${message.business} to ${message.customer}`));
  title.append(" ", clock(message.at));
  item.append(title, element("p", spoken(message.content)));
  if (message.mine) {
    item.append(element("p", message.posted ? "posted to the product" : "not posted: the account has no callback address yet", "ladder"));
    return item;
  }
  const failed = message.ladder.some((step) => !STEPS[step.code]);
  const steps = message.ladder.map((step) => STEPS[step.code] ?? `failed: ${step.name}`);
  item.append(element("p", ["accepted", ...steps].join(" → "), failed ? "ladder failed" : "ladder"));
  return item;
}

async function showMail() {
  const { mails } = await call("GET", "_sandbox/mail/outbox?last=20");
  redraw("mail", mails.reverse(), drawMail);
}

async function showWhatsapp() {
  const [{ messages }, { incoming }] = await Promise.all([
    call("GET", "_sandbox/messages?last=20"),
    call("GET", "_sandbox/incoming?last=20"),
  ]);
  const received = messages.map(({ sender, recipient, content, ladder, accepted_at }) => ({
    mine: false, at: accepted_at, business: sender, customer: recipient, content, ladder,
  }));
  const written = incoming.map((each) => ({
    mine: true, at: each.timestamp, customer: each.from, content: each.content, posted: each.posted_to,
  }));
  const all = [...received, ...written].sort((a, b) => new Date(b.at) - new Date(a.at));
  redraw("whatsapp", all.slice(0, 20), drawWhatsapp);
}

async function showFaults() {
  const [exotel, mail] = await Promise.all([call("GET", "_sandbox/faults"), call("GET", "_sandbox/mail/faults")]);
  const words = exotel.faults.map((each) => `${each.operation}: ${each.kind}, ${each.times}×`);
  words.push(...mail.faults.map((each) => `mail, ${each.stage}: ${each.answer}, ${each.times}×`));
  redraw("fault", words, (text) => element("li", text));
  return [exotel, mail];
}

async function refresh() {
  await Promise.all([showMail(), showWhatsapp(), showFaults()]);
}

async function fillIn() {
  const facts = await call("GET", "facts.json");
  const [exotel, mail] = await showFaults();
  rows("accounts", facts.exotel_accounts.map((each) => [
    each.account_sid, each.api_key, each.api_token, each.virtual_number, each.whatsapp_number, each.waba_id]));
  rows("mailboxes", facts.mailboxes.map((each) => [each.email, each.password]));
  rows("servers", [
    ["SMTP", facts.smtp.host, facts.smtp.port, "STARTTLS"],
    ["SMTP", facts.smtps.host, facts.smtps.port, "SSL/TLS"],
    ["IMAP", facts.imap.host, facts.imap.port, "SSL/TLS"],
    ["Exotel", facts.exotel_url, "", ""],
  ]);
  byId("ca-file").textContent = facts.ca_file;
  options(byId("mail-form").elements.to, facts.mailboxes.map((each) => [each.email]));
  options(byId("whatsapp-form").elements.to, facts.exotel_accounts.filter((each) => each.whatsapp_number).map((each) => [each.whatsapp_number]));
  options(byId("webhook-form").elements.account_sid, facts.exotel_accounts.map((each) => [each.account_sid]));
  options(byId("fault-form").elements.operation, exotel.operations.map((each) => [each]));
  options(byId("fault-form").elements.kind, exotel.kinds.map((each) => [each]));
  options(byId("mail-fault-form").elements.zoho, Object.entries(mail.zoho).map(([name, [, answer]]) => [name, answer]));
}

onSubmit("mail-form", async (values) => {
  const before = replyTo.message;
  if (before) {
    values.in_reply_to = before.message_id;
    values.references = [before.references, before.message_id].filter(Boolean).join(" ");
  }
  await call("POST", "_sandbox/mail", values);
  endReply();
  return `Mail delivered to ${values.to}. The product finds it at its next poll.`;
});
onSubmit("whatsapp-form", async (values) => {
  const { posted_to: url, attempts } = await call("POST", "_sandbox/incoming", values);
  if (!url) return "Not posted to the product: the account has no callback address yet (see below).";
  const last = attempts.at(-1);
  return `Sent; the product answered ${last.status ?? last.error}.`;
});
onSubmit("webhook-form", async ({ account_sid: sid, url }) => {
  await call("PATCH", `_sandbox/accounts/${encodeURIComponent(sid)}`, { default_webhook_url: url || null });
  return "Address saved.";
});
onSubmit("fault-form", async (values) => {
  const { operation, kind, status, seconds, times } = values;
  await call("POST", "_sandbox/faults", {
    operation, kind, status: Number(status), seconds: Number(seconds), times: Number(times),
  });
  return "Fault added.";
});
onSubmit("mail-fault-form", async ({ zoho, times }) => {
  await call("POST", "_sandbox/mail/faults", { zoho, times: Number(times) });
  return "Fault added.";
});
onClick("release", () => call("POST", "_sandbox/release"));
onClick("forget-faults", () => Promise.all([call("DELETE", "_sandbox/faults"), call("DELETE", "_sandbox/mail/faults")]));
byId("mail-reply-cancel").addEventListener("click", endReply);

async function keepFresh() {
  try {
    await refresh();
  } catch (error) {
    say(`The sandbox does not answer: ${error.message}`, true);
  }
  setTimeout(keepFresh, EVERY_MS);
}

fillIn().then(keepFresh, (error) => say(error.message, true));

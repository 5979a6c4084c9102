/** How a provider is broken, and what the product does about it. */
interface Breakage {
  title: string;
  effect: string;
}

const SETTLED =
  "A message becomes “Outcome unknown” and is not sent again; the report of the customer's phone settles it.";
const UNSETTLED = "A message becomes “Outcome unknown” and is not sent again, until a person decides.";

/** Everything that the simulated providers can do wrong, by the sandbox's name for it. */
export const breakages: Record<string, Breakage> = {
  "exotel.refuses_key": {
    title: "Exotel refuses the API key",
    effect:
      "Tests and messages fail at once with “Invalid credentials”, and say where to copy the key again.",
  },
  "exotel.suspended": {
    title: "Exotel has suspended the account",
    effect: "Tests and messages fail at once with “Account inactive”, and advise to contact Exotel.",
  },
  "exotel.refuses_address": {
    title: "Exotel does not allow this machine's address",
    effect: "Tests and messages fail at once with “IP not whitelisted”.",
  },
  "exotel.voice_off": {
    title: "Voice is not enabled",
    effect: "The test of Phone fails with “Voice not enabled”. WhatsApp keeps working.",
  },
  "exotel.whatsapp_off": {
    title: "WhatsApp is not enabled",
    effect: "The test of WhatsApp and every message fail with “WhatsApp not enabled”. Phone keeps working.",
  },
  "exotel.number_unverified": {
    title: "The WhatsApp number is not verified",
    effect: "The test fails with “WhatsApp number not verified”. Messages are refused.",
  },
  "exotel.no_templates": {
    title: "The account has no templates",
    effect: "Exotel accepts a template message, and the customer's phone then reports it as failed.",
  },
  "exotel.throttles": {
    title: "Exotel limits requests",
    effect:
      "Tests say “Exotel is limiting requests”. Messages stay queued, and leave when the pause is over.",
  },
  "exotel.down": {
    title: "Exotel is down",
    effect:
      "Exotel answers 503. Tests say “Exotel is limiting requests”; messages stay queued, and leave after the repair.",
  },
  "exotel.silent": {
    title: "Exotel never answers",
    effect: `Tests end with “Network timeout”. ${UNSETTLED}`,
  },
  "exotel.closes": {
    title: "Exotel closes connections before it answers",
    effect: `Tests say “Exotel cannot be reached”. ${UNSETTLED}`,
  },
  "exotel.slow": {
    title: "Exotel answers after 40 seconds",
    effect:
      "Tests end with “Network timeout”. A message has no answer either, until the customer's phone reports that it arrived.",
  },
  "exotel.withholds": {
    title: "Exotel holds its answers back until it is repaired",
    effect: "As with a slow Exotel, but you decide when the answers arrive.",
  },
  "exotel.answer_lost": {
    title: "Exotel accepts, and its answer is lost",
    effect: SETTLED,
  },
  "exotel.answer_cut": {
    title: "Exotel accepts, and half of its answer arrives",
    effect: `Tests say “Exotel's answer is unreadable”. ${SETTLED}`,
  },
  "exotel.answers_html": {
    title: "Exotel answers with a web page",
    effect: `Tests say “Exotel's answer is unreadable”. ${SETTLED}`,
  },
  "exotel.accepts_then_fails": {
    title: "Exotel accepts, and answers with an error",
    effect: `Tests say “Exotel answered 500”. ${SETTLED}`,
  },
  "exotel.no_sid": {
    title: "Exotel's answer does not name the message",
    effect: SETTLED,
  },
  "mail.refuses_password": {
    title: "The mail server refuses the password",
    effect:
      "Tests name the app password as the fix. Sending fails and is suspended until an admin resumes it; polls stop for a while.",
  },
  "mail.imap_off": {
    title: "IMAP is switched off at the provider",
    effect:
      "The test of IMAP fails and says where to switch it on. No mail is received; sending keeps working.",
  },
  "mail.too_many_connections": {
    title: "The mail server allows no more IMAP connections",
    effect: "The test of IMAP advises to wait a minute. Polls are tried again later; sending keeps working.",
  },
  "mail.closes_connections": {
    title: "The mail server closes connections",
    effect: "Tests say “Connection closed by the server”. Mails stay queued, and leave after the repair.",
  },
  "mail.slow": {
    title: "The mail server confirms a mail after 40 seconds",
    effect: "The product gives up before. The mail becomes “Outcome unknown” and is not sent again.",
  },
  "mail.answer_lost": {
    title: "The mail server accepts a mail, and its answer is lost",
    effect: "The mail becomes “Outcome unknown”, until the copy in the Sent folder proves that it left.",
  },
  "mail.authentication_required": {
    title: "The mail server demands a login for each mail",
    effect: "The mail fails at once and names the account's settings as the fix.",
  },
  "mail.relaying_disallowed": {
    title: "The sender address is not the mailbox's own",
    effect: "The mail fails at once with “Relaying disallowed”.",
  },
  "mail.unusual_activity": {
    title: "The provider blocks the mailbox for unusual activity",
    effect: "Sending from the mailbox is suspended. Mails stay queued until an admin resumes it.",
  },
  "mail.sender_blocked": {
    title: "The provider blocks the sender address",
    effect: "Sending from the mailbox is suspended. Mails stay queued until an admin resumes it.",
  },
  "mail.virus": {
    title: "The mail server finds a virus",
    effect: "The mail fails at once. The advice is to send it without the attachment.",
  },
  "mail.user_unknown": {
    title: "The recipient's address does not exist",
    effect: "The mail fails at once. The advice is to correct the address.",
  },
  "mail.dmarc": {
    title: "The recipient's side refuses the mail by its policy",
    effect: "The mail fails at once. The advice is to check SPF, DKIM and DMARC of the domain.",
  },
  "mail.destination_rejected": {
    title: "The recipient's domain refuses the mail",
    effect: "The mail fails at once with the domain's reason.",
  },
  "mail.policy_restricted": {
    title: "The mail server restricts delivery for now",
    effect: "The mail stays queued, and is tried again with growing pauses.",
  },
  "mail.temporary_error": {
    title: "The mail server is full",
    effect: "The mail stays queued, and is tried again with growing pauses.",
  },
  "mail.service_unavailable": {
    title: "The mail server is not available",
    effect: "The mail stays queued, and is tried again with growing pauses.",
  },
};

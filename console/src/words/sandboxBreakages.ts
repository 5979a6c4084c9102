/** How a provider is broken, and what the product does about it. */
interface Breakage {
  title: string;
  effect: string;
}

const UNKNOWN =
  "A message becomes “Outcome unknown” and is never sent again automatically; the customer's phone settles it.";

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
    effect: "Tests say that Exotel is unavailable. Messages stay queued, and leave after the repair.",
  },
  "exotel.silent": {
    title: "Exotel never answers",
    effect: `Tests end with “Network timeout”. ${UNKNOWN}`,
  },
  "exotel.closes": {
    title: "Exotel closes connections before it answers",
    effect: `Tests say “Exotel cannot be reached”. ${UNKNOWN}`,
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
    effect: UNKNOWN,
  },
  "exotel.answer_cut": {
    title: "Exotel accepts, and half of its answer arrives",
    effect: `Tests say “Exotel's answer is unreadable”. ${UNKNOWN}`,
  },
  "exotel.answers_html": {
    title: "Exotel answers with a web page",
    effect: `Tests say “Exotel's answer is unreadable”. ${UNKNOWN}`,
  },
  "exotel.accepts_then_fails": {
    title: "Exotel accepts, and answers with an error",
    effect: `Tests say “Exotel answered 500”. ${UNKNOWN}`,
  },
  "exotel.no_sid": {
    title: "Exotel's answer does not name the message",
    effect: UNKNOWN,
  },
};

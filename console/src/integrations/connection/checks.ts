import type { Failure } from "@/api/failure";
import type {
  EmailAccountCheck,
  PhoneAccountCheck,
  SmsAccountCheck,
  WhatsAppAccountCheck,
} from "@/api/schema";
import type { Check } from "@/parts/TestResult";
import { words } from "@/words/integrations";
import type { Kind } from "../kinds";
import type { Values } from "../values";

export type Found = PhoneAccountCheck | WhatsAppAccountCheck | SmsAccountCheck | EmailAccountCheck;

/** What Exotel answered to a test, in a form's words. */
export interface Outcome {
  checks: Check[];
  seconds: number;
  /** Why the test failed; nothing if it worked. */
  failure?: Failure;
  /** What is known besides, such as the quality rating. */
  facts?: Fact[];
  /** Whether the values were saved with this test, or in spite of it. */
  isSaved: boolean;
}

/** Something that is not tested but known. */
export interface Fact {
  name: string;
  value: string;
}

type Works = boolean | undefined;

/** What a refusal proves about account, service and number: Exotel checks them in this order. */
const PROVEN: Record<string, [Works, Works, Works]> = {
  invalid_credentials: [false, undefined, undefined],
  wrong_region: [false, undefined, undefined],
  wrong_account_sid: [false, undefined, undefined],
  account_inactive: [false, undefined, undefined],
  access_denied: [false, undefined, undefined],
  ip_not_whitelisted: [false, undefined, undefined],
  voice_not_enabled: [true, false, undefined],
  whatsapp_not_enabled: [true, false, undefined],
  sms_not_enabled: [true, false, true],
  number_not_found: [true, undefined, false],
  whatsapp_number_not_verified: [true, true, false],
  whatsapp_number_format: [undefined, undefined, false],
};

/** The fields at fault, by the reason of a refusal. */
const AT_FAULT: Record<string, (kind: Kind) => (keyof Values)[]> = {
  invalid_credentials: () => ["api_key", "api_token"],
  wrong_account_sid: () => ["account_sid"],
  access_denied: () => ["account_sid"],
  wrong_region: () => ["region"],
  number_not_found: (kind) => [kind.numberField],
  sms_not_enabled: (kind) => [kind.numberField],
  whatsapp_number_not_verified: (kind) => [kind.numberField],
  whatsapp_number_format: (kind) => [kind.numberField],
};

/** Return whether a failure is Exotel's answer, and not ours about the request. */
export function isOfProvider(failure: Failure): boolean {
  return failure.code === "wrong_region" || failure.code.startsWith("provider_");
}

/** Return the fields that must be corrected, none if the fault is not in what was typed. */
export function fieldsAtFault(kind: Kind, failure: Failure): (keyof Values)[] {
  return AT_FAULT[failure.reason ?? ""]?.(kind) ?? [];
}

/** Return what a test that failed proves. */
export function failedChecks(kind: Kind, failure: Failure, number: string): Check[] {
  const [account, service, owned] = PROVEN[failure.reason ?? ""] ?? [undefined, undefined, undefined];
  return lines(kind, number, [account, service, owned]);
}

/** Return what a test that worked found. */
export function passedChecks(kind: Kind, found: Found, number: string): Check[] {
  if ("voice_enabled" in found) {
    const { account_verified, voice_enabled, virtual_number_active } = found;
    const note = voice_enabled ? undefined : words.result.voiceOff;
    return lines(kind, number, [account_verified, voice_enabled, virtual_number_active], note);
  }
  if ("sms_enabled" in found)
    return lines(kind, number, [found.account_verified, found.sms_enabled, found.sms_number_active]);
  if ("whatsapp_enabled" in found) return ofWhatsApp(kind, found, number);
  return [];
}

function ofWhatsApp(kind: Kind, found: WhatsAppAccountCheck, number: string): Check[] {
  const [account, service, owned] = lines(kind, number, [
    found.account_verified,
    found.whatsapp_enabled,
    found.business_number_active ?? undefined,
  ]) as [Check, Check, Check];
  const note = found.business_number_active === null ? words.result.notSaid : undefined;
  return [account, service, { ...owned, note }];
}

/** Return WhatsApp's quality rating and messaging limit; Exotel does not say, so they are what an admin copied. */
export function factsOf(found: Found): Fact[] {
  if (!("quality_rating" in found)) return [];
  const { result, form } = words;
  const { quality_rating: rating, messaging_limit: limit } = found;
  const noteOfRating = rating === "RED" ? result.red : result.copied;
  return [
    {
      name: result.quality,
      value: result.withNote(form.ratings[rating], rating === "unknown" ? form.notSaid : noteOfRating),
    },
    {
      name: result.tier,
      value: result.withNote(form.limits[limit], limit === "unknown" ? form.notSaid : result.copied),
    },
  ];
}

function lines(kind: Kind, number: string, works: [Works, Works, Works], serviceNote?: string): Check[] {
  const [account, service, owned] = works;
  return [
    { name: words.result.account, works: account },
    { name: words.kinds[kind.tab].service, works: service, note: serviceNote },
    { name: words.result.number(number), works: owned },
  ];
}

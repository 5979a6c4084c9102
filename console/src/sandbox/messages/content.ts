import { words } from "@/words/sandbox/page";
import type { Content } from "../api";

/** Return what a person reads of a WhatsApp message; a template is filled in where its text is known. */
export function textOf(content: Content, templates: Record<string, string>): string {
  const part = partOf(content, content.type);
  if (content.type === "text") return String(part.body ?? "");
  if (content.type === "template") return templateText(part, templates);
  if (content.type === "location")
    return words.content.location(text(part.name), text(part.latitude), text(part.longitude));
  const caption = [text(part.caption), text(part.filename), text(part.url ?? part.link)].filter(Boolean);
  return words.content.file(content.type, caption.join(" · "));
}

function templateText(template: Record<string, unknown>, templates: Record<string, string>): string {
  const name = text(template.name);
  const values = bodyValues(template.components);
  const body = templates[name];
  if (!body) return words.content.template(name, values.join(" · "));
  const filled = body.replace(/\{\{(\d+)\}\}/g, (slot, number) => values[Number(number) - 1] ?? slot);
  return words.content.template(name, filled);
}

function bodyValues(components: unknown): string[] {
  if (!Array.isArray(components)) return [];
  const body = components.find((each) => each?.type === "body") as { parameters?: unknown } | undefined;
  return Array.isArray(body?.parameters) ? body.parameters.map((each) => text(each?.text)) : [];
}

function partOf(content: Content, name: string): Record<string, unknown> {
  const part = content[name];
  return typeof part === "object" && part !== null ? (part as Record<string, unknown>) : {};
}

function text(value: unknown): string {
  return value === undefined || value === null ? "" : String(value);
}

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Return the HTML of a plain text, line by line. */
export function asHtml(text: string): string {
  const escaped = text.replace(/[&<>]/g, (sign) => ESCAPES[sign] ?? sign);
  return `<p>${escaped.replace(/\r?\n/g, "<br>")}</p>`;
}

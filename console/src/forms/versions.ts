/** Return the version of a setting that was read, where it has one. */
export function versionOf(row: object): string | undefined {
  const version: unknown = "version" in row ? row.version : undefined;
  return typeof version === "string" ? version : undefined;
}

/** Return the header that lets a change fail if somebody else saved meanwhile (RFC 9110, 13.1.1). */
export function ifMatch(version: string | undefined): Record<string, string> {
  return version ? { "If-Match": `"${version}"` } : {};
}

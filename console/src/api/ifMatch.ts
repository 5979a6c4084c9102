/** Return the header by which the API refuses a change of what somebody else has changed since `version`. */
export function ifMatch(version: string | undefined): { "If-Match"?: string } {
  return version === undefined ? {} : { "If-Match": `"${version}"` };
}

/** The API's path of the numbers. */
export const NUMBERS = "/api/v1/settings/phone-numbers" as const;

/** The API's path of the members; the members of a number are shown with it. */
export const TEAM = "/api/v1/settings/team" as const;

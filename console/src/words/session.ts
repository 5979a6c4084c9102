/** Signing in, signing in again, and signing out. */
export const words = {
  title: "Sign in",
  product: "Banxway",
  with: "Sign in with your organization's account",
  leaving: "You go to the sign-in service and come back here.",
  begin: "Sign in",
  failed: "Sign-in did not work",
  local: "This is the local product. Choose whom to be; nobody has a password here.",
  address: "Or the address of somebody who is invited",
  addressRule: "Type an address, such as asha@example.com.",
  signInAs: "Sign in",
  peopleOf: (organization: string) => organization,
  peopleMissing: "The demo people cannot be loaded.",
  again: "Your session has ended",
  againWhy: (email: string) =>
    `Sign in again as ${email}. Nothing on this page is lost; it goes on where you were.`,
  againButton: "Sign in again",
  otherPerson: (email: string) =>
    `You signed in as somebody else. This page belongs to ${email}: sign in as ${email}, or sign out first.`,
  signOut: "Sign out",
  signedOut: "You are signed out.",
  noIssuer: "This deployment does not say where to sign in. Deploy the console again with `make deploy`.",
  starting: "Starting…",
};

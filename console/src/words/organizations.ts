/** The organization. */
export const words = {
  title: "Organization",
  about: "The name that your team sees at the top of the console.",
  name: "Name",
  since: "Here since",
  id: "Organization id",
  idUse: "Support asks for it. It is no secret.",
  saved: "The organization is renamed.",
};

import { Link } from "@tanstack/react-router";
import { Section } from "@/parts/Section";
import { words } from "@/words/integrations";

/** Who may see and use the integration; permissions are set where the people are. */
export function AccessSection() {
  return (
    <Section title={words.access.title}>
      <p className="muted">{words.access.about}</p>
      <Link to="/settings/team">{words.access.link}</Link>
    </Section>
  );
}

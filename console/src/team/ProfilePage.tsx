import { Loader, SegmentedControl, Switch } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Me } from "@/api/schema";
import { Page } from "@/parts/Page";
import { Section } from "@/parts/Section";
import { usePreferences } from "@/session/preferences";
import { useAdmins, useMay, useMe } from "@/session/useMe";
import { words } from "@/words/team";

const { profile } = words;

/** The signed-in user: who they are here, and how the console looks and behaves for them. */
export default function ProfilePage() {
  const me = useMe();
  return (
    <Page title={profile.title} about={profile.about} width="form">
      {me ? (
        <>
          <Looks />
          <Keys />
          <Person me={me} />
        </>
      ) : (
        <Loader />
      )}
    </Page>
  );
}

function Looks() {
  const { preferences, change } = usePreferences();
  return (
    <Section title={profile.looks} about={profile.saved}>
      <div className="stack">
        <Choice
          label={profile.theme}
          choices={profile.themes}
          value={preferences.theme}
          onChange={(theme) => change({ theme })}
        />
        <Choice
          label={profile.density}
          choices={profile.densities}
          value={preferences.density}
          onChange={(density) => change({ density })}
        />
      </div>
    </Section>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  choices: Record<Value, string>;
  value: Value;
  onChange: (value: Value) => void;
}

function Choice<Value extends string>({ label, choices, value, onChange }: ChoiceProps<Value>) {
  const data = Object.entries<string>(choices).map(([each, name]) => ({ value: each, label: name }));
  return (
    <div className="facts">
      <div>
        <span className="muted">{label}</span>
        <div>
          <SegmentedControl
            aria-label={label}
            data={data}
            value={value}
            onChange={(next) => onChange(next as Value)}
          />
        </div>
      </div>
    </div>
  );
}

function Keys() {
  const { preferences, change } = usePreferences();
  return (
    <Section title={profile.keys}>
      <Switch
        label={profile.singleKeys}
        description={profile.singleKeysAbout}
        checked={preferences.single_keys}
        onChange={(event) => change({ single_keys: event.currentTarget.checked })}
      />
    </Section>
  );
}

function Person({ me }: { me: Me }) {
  const may = useMay("team:manage");
  const admins = useAdmins();
  const facts = [
    [profile.name, me.name],
    [profile.address, me.email],
    [profile.role, words.roles[me.role].name],
    [profile.phone, me.phone_number ?? profile.noPhone],
    [profile.organization, me.organization_name],
  ];
  return (
    <Section title={profile.you}>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {may ? (
        <Link to={`/settings/team?member=${me.id}`}>{profile.change}</Link>
      ) : (
        <p className="muted">{profile.ask(admins)}</p>
      )}
    </Section>
  );
}

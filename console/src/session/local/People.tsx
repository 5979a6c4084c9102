import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Problem } from "@/parts/Problem";
import { words } from "@/words/session";
import styles from "../SignIn.module.css";

interface Person {
  email: string;
  name: string;
  role: string;
  organization: string;
}

async function people(): Promise<Person[]> {
  const answer = await fetch("/local/info");
  return ((await answer.json()) as { demo_users: Person[] }).demo_users;
}

/** The demo people as buttons, and a field for the address of anybody who is invited. */
export default function People({ onChoose }: { onChoose: (email: string) => void }) {
  const query = useQuery({ queryKey: ["local", "people"], queryFn: people });
  const organizations = [...new Set(query.data?.map((person) => person.organization))];
  return (
    <div className="stack">
      <p className="muted">{words.local}</p>
      {query.error && <Problem error={query.error} onRetry={() => query.refetch()} />}
      {organizations.map((organization) => (
        <section key={organization} className="stack" aria-label={organization}>
          <h2 className={styles.organization}>{organization}</h2>
          {query.data
            ?.filter((person) => person.organization === organization)
            .map((person) => (
              <button
                key={person.email}
                type="button"
                className={styles.person}
                onClick={() => onChoose(person.email)}
              >
                <span>{person.name}</span>
                <span className="muted">{person.role}</span>
              </button>
            ))}
        </section>
      ))}
      <Address onChoose={onChoose} />
    </div>
  );
}

function Address({ onChoose }: { onChoose: (email: string) => void }) {
  const [email, setEmail] = useState("");
  const [error, setError] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!email.includes("@")) return setError(words.addressRule);
    onChoose(email.trim().toLowerCase());
  };
  return (
    <form onSubmit={submit} noValidate className="stack">
      <TextInput
        label={words.address}
        type="email"
        value={email}
        error={error}
        onChange={(event) => {
          setEmail(event.currentTarget.value);
          setError("");
        }}
      />
      <Button type="submit" variant="default">
        {words.signInAs}
      </Button>
    </form>
  );
}

import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { Problem } from "@/parts/Problem";
import { words } from "@/words/session";
import { config } from "./config";
import styles from "./SignIn.module.css";
import { session } from "./session";
import { useSession } from "./useSession";

// A production build contains no code of the demo people.
const People = import.meta.env.MODE === "demo" ? lazy(() => import("./local/People")) : undefined;

/** The page for somebody who is not signed in. It says why a former session ended. */
export function SignIn() {
  const { failure } = useSession();
  const hasPeople = config().environment === "local" && !config().sign_in;
  const [problem, setProblem] = useState<unknown>();
  const signIn = (email?: string) => session.signIn(email).catch(setProblem);
  return (
    <main className={styles.page}>
      <div className={`${styles.card} stack`}>
        <h1>
          {words.title} · {words.product}
        </h1>
        {(problem ?? failure) ? <Problem error={problem ?? failure} title={words.failed} /> : null}
        <Suspense>
          {hasPeople && People ? <People onChoose={signIn} /> : <Service onBegin={signIn} />}
        </Suspense>
      </div>
    </main>
  );
}

function Service({ onBegin }: { onBegin: () => void }) {
  if (!config().sign_in) return <p>{words.noIssuer}</p>;
  return (
    <>
      <p className="muted">{words.leaving}</p>
      <Button onClick={() => onBegin()}>{words.begin}</Button>
    </>
  );
}

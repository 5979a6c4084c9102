import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { failureOf } from "./api/failure";
import { Toasts } from "./parts/Toasts";
import { router } from "./routes";
import { useAppliedPreferences } from "./session/preferences";
import { SignIn } from "./session/SignIn";
import { session } from "./session/session";
import { useSession } from "./session/useSession";
import { isOpen } from "./shell/open";
import { theme } from "./theme/theme";

/** How often a question is asked again automatically when the server was busy or unreachable. */
const RETRIES = 2;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, error) => count < RETRIES && isWorthRepeating(error),
    },
    // A change is never repeated automatically: nobody knows whether it was made.
    mutations: { retry: false },
  },
});

session.onEnd(() => queries.clear());

function isWorthRepeating(error: unknown): boolean {
  const { status, code } = failureOf(error);
  return code === "unreachable" || status === 429 || status === 503;
}

const SignInAgain = lazy(() => import("./session/SignInAgain"));

/** The console: the sign-in page, or the pages of the person who is signed in. */
export function App() {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queries}>
        <Content />
        <Toasts />
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Content() {
  useAppliedPreferences();
  const { phase, asks } = useSession();
  if (phase === "starting") return null;
  if (phase === "signed_out" && !isOpen(window.location.pathname)) return <SignIn />;
  return (
    <>
      <RouterProvider router={router} />
      <Suspense>{asks && <SignInAgain />}</Suspense>
    </>
  );
}

import { createTheme, MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Refusal } from "@/lib/call";
import { useScheme } from "@/lib/theme";

const BUSY = new Set([0, 429, 502, 503, 504]);
const ATTEMPTS = 2;

// What the server refuses stays refused; what it could not answer may go well a moment later.
const worthAnother = (failures: number, error: Error): boolean =>
  failures < ATTEMPTS && error instanceof Refusal && BUSY.has(error.status);

export const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: worthAnother, staleTime: 1_000, refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
});

const theme = createTheme({
  cursorType: "pointer",
  defaultRadius: 6,
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { variant: "default", size: "compact-sm" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray", size: 26 } },
    Menu: { defaultProps: { transitionProps: { duration: 0 }, shadow: "md" } },
    Popover: { defaultProps: { transitionProps: { duration: 0 }, shadow: "md" } },
  },
});

/** What all pages stand in. Mantine's variables are in the style sheets: nothing is styled at run time. */
export function Providers({ children }: { children: ReactNode }) {
  return (
    <QueryClientProvider client={queries}>
      <MantineProvider
        theme={theme}
        forceColorScheme={useScheme()}
        withCssVariables={false}
        withGlobalClasses={false}
      >
        {children}
      </MantineProvider>
    </QueryClientProvider>
  );
}

import {
  createBrowserHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { Failure } from "@/components/failure";
import { ExperimentsPage } from "./routes/experiments";
import { RunsPage } from "./routes/runs";
import { readSearch, texts, writeSearch } from "./search";
import { Missing, Shell } from "./shell";

const prefix = new URL(document.baseURI).pathname;

// MLflow's clients print addresses of the form `/#/experiments/1/runs/...`: they lead to the same page.
if (window.location.hash.startsWith("#/")) {
  window.history.replaceState(null, "", prefix + window.location.hash.slice(2));
}

const root = createRootRoute({ component: Shell, notFoundComponent: Missing });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/experiments", replace: true });
  },
});

const experiments = createRoute({
  getParentRoute: () => root,
  path: "experiments",
  validateSearch: texts("q", "sort", "state", "fold", "sel", "new"),
  component: ExperimentsPage,
});

const runs = createRoute({
  getParentRoute: () => root,
  path: "experiments/$experimentId",
  validateSearch: texts(
    "q",
    "sort",
    "cols",
    "state",
    "nested",
    "open",
    "sel",
    "charts",
    "axis",
    "own",
    "zoom",
    "fold",
    "size",
    "panels",
    "hue",
    "dash",
    "facet",
    "add",
    "by",
    "gsort",
  ),
  component: RunsPage,
});

const run = createRoute({
  getParentRoute: () => root,
  path: "experiments/$experimentId/runs/$runId",
  component: lazyRouteComponent(() => import("./routes/run"), "RunPage"),
});

const runOverview = createRoute({
  getParentRoute: () => run,
  path: "/",
  validateSearch: texts("params", "metrics"),
  component: lazyRouteComponent(() => import("./routes/run-overview"), "RunOverview"),
});

const runMetrics = createRoute({
  getParentRoute: () => run,
  path: "metrics",
  validateSearch: texts("q", "axis", "own", "zoom", "fold", "size"),
  component: lazyRouteComponent(() => import("./routes/run-metrics"), "RunMetrics"),
});

const runCode = createRoute({
  getParentRoute: () => run,
  path: "code",
  component: lazyRouteComponent(() => import("./routes/run-code"), "RunCode"),
});

const runArtifacts = createRoute({
  getParentRoute: () => run,
  path: "artifacts",
  validateSearch: texts("path"),
  component: lazyRouteComponent(() => import("./routes/run-artifacts"), "RunArtifacts"),
});

const runSystem = createRoute({
  getParentRoute: () => run,
  path: "system",
  validateSearch: texts("q", "axis", "zoom", "fold", "size"),
  component: lazyRouteComponent(() => import("./routes/run-system"), "RunSystem"),
});

const runConsole = createRoute({
  getParentRoute: () => run,
  path: "console",
  validateSearch: texts("q", "path"),
  component: lazyRouteComponent(() => import("./routes/run-console"), "RunConsole"),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: "compare",
  validateSearch: texts(
    "runs",
    "base",
    "all",
    "q",
    "axis",
    "own",
    "zoom",
    "fold",
    "size",
    "add",
    "with",
    "path",
    "step",
  ),
  component: lazyRouteComponent(() => import("./routes/compare"), "ComparePage"),
});

const compareValues = createRoute({
  getParentRoute: () => compare,
  path: "/",
  component: lazyRouteComponent(() => import("./routes/compare-values"), "CompareValues"),
});

const compareCharts = createRoute({
  getParentRoute: () => compare,
  path: "charts",
  component: lazyRouteComponent(() => import("./routes/compare-charts"), "CompareCharts"),
});

const compareEnvironment = createRoute({
  getParentRoute: () => compare,
  path: "environment",
  component: lazyRouteComponent(() => import("./routes/compare-environment"), "CompareEnvironment"),
});

const compareCode = createRoute({
  getParentRoute: () => compare,
  path: "code",
  component: lazyRouteComponent(() => import("./routes/compare-code"), "CompareCode"),
});

const compareFiles = createRoute({
  getParentRoute: () => compare,
  path: "files",
  component: lazyRouteComponent(() => import("./routes/compare-files"), "CompareFiles"),
});

const compareImages = createRoute({
  getParentRoute: () => compare,
  path: "images",
  component: lazyRouteComponent(() => import("./routes/compare-images"), "CompareImages"),
});

const anyRun = createRoute({
  getParentRoute: () => root,
  path: "runs/$runId",
  component: lazyRouteComponent(() => import("./routes/any-run"), "AnyRun"),
});

const models = createRoute({
  getParentRoute: () => root,
  path: "models",
  validateSearch: texts("q"),
  component: lazyRouteComponent(() => import("./routes/models"), "ModelsPage"),
});

const model = createRoute({
  getParentRoute: () => root,
  path: "models/$modelName",
  validateSearch: texts("show"),
  component: lazyRouteComponent(() => import("./routes/model"), "ModelPage"),
});

const modelVersion = createRoute({
  getParentRoute: () => root,
  path: "models/$modelName/versions/$version",
  component: lazyRouteComponent(() => import("./routes/model-version"), "ModelVersionPage"),
});

const requests = createRoute({
  getParentRoute: () => root,
  path: "requests",
  component: lazyRouteComponent(() => import("./routes/requests"), "RequestsPage"),
});

export const router = createRouter({
  // The ids of several experiments stand in one place.
  pathParamsAllowedCharacters: [","],
  routeTree: root.addChildren([
    home,
    experiments,
    runs,
    run.addChildren([runOverview, runMetrics, runSystem, runConsole, runCode, runArtifacts]),
    anyRun,
    models,
    model,
    modelVersion,
    requests,
    compare.addChildren([
      compareValues,
      compareCharts,
      compareEnvironment,
      compareCode,
      compareFiles,
      compareImages,
    ]),
  ]),
  basepath: prefix,
  history: createBrowserHistory(),
  parseSearch: readSearch,
  stringifySearch: writeSearch,
  defaultPreload: false,
  defaultErrorComponent: ({ error, reset }) => <Failure error={asError(error)} retry={reset} />,
  defaultPendingMs: 200,
  scrollRestoration: false,
});

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown));

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

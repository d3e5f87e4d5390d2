import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** A program of somebody else that some tests need. */
interface Tool {
  readonly program: string;
  /** Where it may be instead of on the PATH: a variable that holds the path of the binary. */
  readonly variable: string | undefined;
  /** What is left out without it, and how to get it. */
  readonly without: string;
  /** Whether a machine that is asked for everything (`CI`, `REGSYNC_REQUIRE_REAL=1`) must have it. */
  readonly required: boolean;
}

const tools = {
  dockerRegistry: {
    program: "docker-registry",
    variable: undefined,
    without: "tests on a real registry (Debian: apt-get install docker-registry)",
    required: true,
  },
  skopeo: {
    program: "skopeo",
    variable: undefined,
    without: "tests that read the result with skopeo (Debian: apt-get install skopeo)",
    required: true,
  },
  openssl: {
    program: "openssl",
    variable: undefined,
    without: "tests over TLS and with token logins (Debian: apt-get install openssl)",
    required: true,
  },
  promtool: {
    program: "promtool",
    variable: undefined,
    without: "checks of metrics and alerts (Debian: apt-get install prometheus)",
    required: true,
  },
  buildah: {
    program: "buildah",
    variable: undefined,
    without: "the container image, which npm run test:container builds (Debian: apt-get install buildah)",
    required: true,
  },
  distribution3: {
    program: "registry",
    variable: "REGSYNC_TEST_REGISTRY3",
    without: "tests on distribution 3 (set REGSYNC_TEST_REGISTRY3 to its binary)",
    required: false,
  },
  olareg: {
    program: "olareg",
    variable: "REGSYNC_TEST_OLAREG",
    without: "tests on olareg, which has the referrers API (set REGSYNC_TEST_OLAREG to its binary)",
    required: false,
  },
  zot: {
    program: "zot",
    variable: "REGSYNC_TEST_ZOT",
    without: "tests on zot, which has the referrers API (set REGSYNC_TEST_ZOT to its binary)",
    required: false,
  },
  helm: {
    program: "helm",
    variable: "REGSYNC_TEST_HELM",
    without: "tests that render the Helm chart (set REGSYNC_TEST_HELM to the binary of helm)",
    required: false,
  },
  kustomize: {
    program: "kustomize",
    variable: "REGSYNC_TEST_KUSTOMIZE",
    without: "tests that build the kustomizations (set REGSYNC_TEST_KUSTOMIZE to the binary of kustomize)",
    required: false,
  },
  kubernetesValidate: {
    program: "kubernetes-validate",
    variable: "REGSYNC_TEST_KUBERNETES_VALIDATE",
    without:
      "tests of the objects against the schemas of Kubernetes (set REGSYNC_TEST_KUBERNETES_VALIDATE to its binary)",
    required: false,
  },
  systemdAnalyze: {
    program: "systemd-analyze",
    variable: undefined,
    without: "tests of the systemd unit (Debian: apt-get install systemd)",
    required: false,
  },
} satisfies Record<string, Tool>;

export type ToolName = keyof typeof tools;

/** Whether a tool that is missing is a failure instead of a reason to leave tests out. */
export function realToolsAreRequired(environment: NodeJS.ProcessEnv = process.env): boolean {
  return Boolean(environment["CI"]) || environment["REGSYNC_REQUIRE_REAL"] === "1";
}

/** The path of a tool's binary, or `undefined` when this machine has none. */
function findTool(name: ToolName, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const tool: Tool = tools[name];
  const named = tool.variable === undefined ? undefined : environment[tool.variable];
  if (named !== undefined && named !== "") return named;
  return (environment["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, tool.program))
    .find(isExecutable);
}

/** Whether tests that need all of these can run here. */
export function haveTools(...names: readonly ToolName[]): boolean {
  return names.every((name) => findTool(name) !== undefined);
}

/** The path of a tool's binary. For tests that asked `haveTools` before. */
export function toolPath(name: ToolName): string {
  const path = findTool(name);
  if (path === undefined) throw new Error(`${tools[name].program} is not installed`);
  return path;
}

/** Which tools are missing, as sentences that say what is left out, and whether that is acceptable here. */
export function missingTools(): readonly { readonly sentence: string; readonly required: boolean }[] {
  return Object.entries(tools)
    .filter(([name]) => findTool(name as ToolName) === undefined) // a key of the table itself
    .map(([, tool]) => ({
      sentence: `${tool.program} not found: leaving out ${tool.without}`,
      required: tool.required,
    }));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { toolPath } from "../support/tools.ts";

/** Where what runs the program elsewhere lies. */
export const deployFolder = fileURLToPath(new URL("../../deploy", import.meta.url));

/** An object of Kubernetes, as far as it is looked at here. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels: Labels };
  readonly [part: string]: unknown;
}

export type Labels = Readonly<Record<string, string>>;

/** A pod, or what pods are made from. */
export interface Pod {
  readonly metadata: { readonly labels: Labels };
  readonly spec: PodSpec;
}

interface PodSpec {
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: unknown;
  readonly containers: readonly Container[];
  readonly volumes: readonly ({ readonly name: string } & Readonly<Record<string, unknown>>)[];
}

/** The one container of a pod. */
export interface Container {
  readonly image: string;
  readonly command?: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly resources: { readonly requests: object; readonly limits: object };
  readonly securityContext: unknown;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[];
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string; readonly scheme?: string };
}

/** Every object of a text. */
function parseManifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text)
    .map((document) => {
      if (document.errors[0] !== undefined) throw document.errors[0];
      return document.toJS() as Manifest | null; // what our own files hold, and tools print
    })
    .filter((manifest) => manifest !== null);
}

/** The objects in the files of a folder. Kustomizations are none. */
export function readManifests(folder: string): readonly Manifest[] {
  return readdirSync(join(deployFolder, folder))
    .filter((name) => name.endsWith(".yaml") && name !== "kustomization.yaml")
    .flatMap((name) => parseManifests(readFileSync(join(deployFolder, folder, name), "utf8")));
}

/** The only object of a kind. */
export function only(kind: string, manifests: readonly Manifest[]): Manifest {
  const [found, ...more] = manifests.filter((manifest) => manifest.kind === kind);
  if (found === undefined || more.length > 0) throw new Error(`there is not exactly one ${kind}`);
  return found;
}

/** What is below a path of an object, which has to be there. */
export function at(manifest: Manifest, path: string): unknown {
  let value: unknown = manifest;
  for (const key of path.split(".")) value = (value as Readonly<Record<string, unknown>> | undefined)?.[key]; // an object, or nothing
  if (value === undefined) throw new Error(`${manifest.kind} has no ${path}`);
  return value;
}

/** What selects pods in an object: their labels, or `undefined` when it selects none. */
export function selectorIn(manifest: Manifest): Labels | undefined {
  const path = selectorPaths.get(manifest.kind);
  return path === undefined ? undefined : (at(manifest, path) as Labels); // as of each of these kinds
}

const selectorPaths: ReadonlyMap<string, string> = new Map([
  ["Service", "spec.selector"],
  ["NetworkPolicy", "spec.podSelector.matchLabels"],
  ["Deployment", "spec.selector.matchLabels"],
  ["StatefulSet", "spec.selector.matchLabels"],
]);

/** The pods that objects make, as their kinds have them. */
export function podsIn(manifests: readonly Manifest[]): readonly Pod[] {
  return manifests.flatMap((manifest) => {
    if (manifest.kind === "CronJob") return [at(manifest, "spec.jobTemplate.spec.template") as Pod];
    return ["Deployment", "StatefulSet"].includes(manifest.kind) ? [at(manifest, "spec.template") as Pod] : [];
  });
}

/** The only container of a pod. */
export function containerOf({ spec }: Pod): Container {
  const [container, ...more] = spec.containers;
  if (container === undefined || more.length > 0) throw new Error("there is not exactly one container");
  return container;
}

const run = promisify(execFile);

/** Renders the chart. `settings` are those of `--set`. Rejects with what helm complained about. */
export async function renderChart(...settings: readonly string[]): Promise<readonly Manifest[]> {
  const flags = ["--kube-version", "1.31.0", ...settings.flatMap((setting) => ["--set", setting])];
  const chart = join(deployFolder, "helm/regsync");
  const { stdout } = await run(toolPath("helm"), ["template", "regsync", chart, ...flags], { timeout: 30_000 });
  return parseManifests(stdout);
}

/** Builds a kustomization below the folder. */
export async function buildKustomization(folder: string): Promise<readonly Manifest[]> {
  const { stdout } = await run(toolPath("kustomize"), ["build", join(deployFolder, folder)], { timeout: 30_000 });
  return parseManifests(stdout);
}

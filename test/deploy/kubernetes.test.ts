import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { readInvocation } from "../../src/cli/invocation.ts";
import { routesOf } from "../../src/serve/listener.ts";
import { runProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { haveTools, toolPath } from "../support/tools.ts";
import {
  at,
  buildKustomization,
  containerOf,
  deployFolder,
  type Labels,
  type Manifest,
  only,
  podsIn,
  readManifests,
  renderChart,
  selectorIn,
} from "./manifests.ts";

const packageFile = new URL("../../package.json", import.meta.url);
const { version } = JSON.parse(readFileSync(packageFile, "utf8")) as { readonly version: string }; // our own file

interface Rendering {
  readonly from: string;
  readonly manifests: readonly Manifest[];
}

/** The objects as files, and as tools make them where there are tools: what holds for one has to hold for all. */
const renderings: readonly Rendering[] = [
  { from: "the files of the base", manifests: readManifests("kubernetes/base") },
  { from: "the files of the nightly job", manifests: readManifests("kubernetes/cronjob") },
  ...(haveTools("kustomize")
    ? [
        { from: "the base", manifests: await buildKustomization("kubernetes/base") },
        { from: "the nightly job", manifests: await buildKustomization("kubernetes/cronjob") },
      ]
    : []),
  ...(haveTools("helm")
    ? [
        { from: "the chart", manifests: await renderChart() },
        { from: "the chart with a volume", manifests: await renderChart("mode=StatefulSet") },
        { from: "the chart as a nightly job", manifests: await renderChart("mode=CronJob") },
        { from: "the chart with a Secret", manifests: await renderChart("configAsSecret=true") },
      ]
    : []),
];

describe.for(renderings)("$from", ({ manifests }) => {
  const pods = podsIn(manifests);

  test("makes one kind of pod", () => {
    expect(pods).toHaveLength(1);
  });

  test.for(pods)("asks for no right that the restricted profile of Kubernetes withholds", ({ spec }) => {
    expect(spec.automountServiceAccountToken).toBe(false);
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      fsGroup: 65_532,
      seccompProfile: { type: "RuntimeDefault" },
    });
    for (const container of spec.containers) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
    }
    const kinds = spec.volumes.flatMap((volume) => Object.keys(volume));
    expect(
      kinds.filter((kind) => !["name", "configMap", "secret", "emptyDir", "persistentVolumeClaim"].includes(kind)),
    ).toEqual([]);
  });

  test.for(pods)("says what it needs, and bounds what it may have", (pod) => {
    expect(containerOf(pod).resources).toMatchObject({
      requests: { cpu: expect.any(String), memory: expect.any(String) },
      limits: { memory: expect.any(String) },
    });
    for (const { emptyDir } of pod.spec.volumes) {
      if (emptyDir !== undefined) expect(emptyDir).toEqual({ sizeLimit: expect.stringMatching(/^\d+Mi$/) });
    }
  });

  test.for(pods)("mounts its configuration as a directory, in which changes arrive", (pod) => {
    const { volumeMounts, args } = containerOf(pod);

    expect(volumeMounts.filter(({ subPath }) => subPath !== undefined)).toEqual([]);
    expect(volumeMounts).toContainEqual({ name: "config", mountPath: "/etc/regsync", readOnly: true });
    expect(args).toContain("--config=/etc/regsync/regsync.yml");
  });

  test.for(pods)("finds the logins where they are mounted", (pod) => {
    const { env, volumeMounts } = containerOf(pod);
    const folder = env.find(({ name }) => name === "DOCKER_CONFIG")?.value;

    expect(volumeMounts).toContainEqual({ name: "docker", mountPath: folder, readOnly: true });
    expect(pod.spec.volumes.find(({ name }) => name === "docker")).toMatchObject({
      secret: {
        secretName: "regsync-docker",
        defaultMode: 0o440,
        items: [{ key: ".dockerconfigjson", path: "config.json" }],
      },
    });
  });

  test.for(pods)("can write where the program writes, and mounts what it has", (pod) => {
    const { args, volumeMounts } = containerOf(pod);
    const places = new Map(volumeMounts.map(({ mountPath, name }) => [mountPath, name]));
    const stateArgument = args.find((arg) => arg.startsWith("--state-dir="))?.slice("--state-dir=".length);
    const claims = manifests
      .filter(({ kind }) => kind === "StatefulSet")
      .flatMap((manifest) => at(manifest, "spec.volumeClaimTemplates") as readonly Manifest[]);
    const volumes = [...pod.spec.volumes.map(({ name }) => name), ...claims.map(({ metadata }) => metadata.name)];

    expect(places.get("/tmp")).toBe("tmp");
    if (stateArgument !== undefined) expect(places.get(stateArgument)).toBe("state");
    expect(volumes.toSorted()).toEqual([...places.values()].toSorted());
  });

  test.for(pods)("leaves a stopping program longer than it takes by itself", ({ spec }) => {
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(30);
  });

  test.for(pods)("runs the version of this project by the image's own entry point", (pod) => {
    expect(containerOf(pod)).toMatchObject({ image: `regsync:${version}` });
    expect(containerOf(pod).command).toBeUndefined();
    expect(pod.metadata.labels["app.kubernetes.io/version"]).toBe(version);
  });

  test.for(pods.map((pod) => containerOf(pod)).filter(({ args }) => args[0] === "once"))(
    "gives a job flags that the program has",
    ({ args, ports }) => {
      expect(readInvocation(args, 80).request).toMatchObject({
        kind: "once",
        flags: { config: "/etc/regsync/regsync.yml" },
      });
      expect(ports).toBeUndefined();
    },
  );

  test.for(pods.map((pod) => containerOf(pod)).filter(({ args }) => args[0] === "server"))(
    "probes what the server answers, at the port it listens on",
    ({ args, ports, startupProbe, livenessProbe, readinessProbe }) => {
      expect(readInvocation(args, 80).request).toMatchObject({
        kind: "server",
        flags: { config: "/etc/regsync/regsync.yml", stateDir: "/var/lib/regsync", listen: ":9090" },
      });
      const port = Number(args.find((arg) => arg.startsWith("--listen="))?.replace(/^.*:/, ""));

      expect(ports).toEqual([{ name: "ops", containerPort: port, protocol: "TCP" }]);
      expect(startupProbe).toEqual({
        httpGet: { path: "/startupz", port: "ops" },
        periodSeconds: 5,
        failureThreshold: 60,
      });
      expect(livenessProbe).toEqual({
        httpGet: { path: "/livez", port: "ops" },
        periodSeconds: 10,
        timeoutSeconds: 3,
        failureThreshold: 6,
      });
      expect(readinessProbe).toEqual({
        httpGet: { path: "/readyz", port: "ops" },
        periodSeconds: 10,
        timeoutSeconds: 3,
        failureThreshold: 3,
      });
    },
  );

  test("whatever selects pods selects these", () => {
    const selectors = manifests.map(selectorIn).filter((selector) => selector !== undefined);

    // By these two alone: what changes with a version must not be part of a selector.
    for (const selector of selectors) {
      expect(selector).toEqual({ "app.kubernetes.io/name": "regsync", "app.kubernetes.io/instance": "regsync" });
      expect(pods[0]?.metadata.labels).toMatchObject(selector);
    }
  });

  test("whatever names a port names the container's", () => {
    const ports = pods.flatMap((pod) => containerOf(pod).ports ?? []).map(({ name }) => name);
    const service = manifests.find(({ kind }) => kind === "Service");
    const policy = manifests.find(({ kind }) => kind === "NetworkPolicy");
    const rules = (policy?.["spec"] as { readonly ingress?: readonly { readonly ports: readonly object[] }[] })
      ?.ingress; // as of the kind

    if (service !== undefined)
      expect(at(service, "spec.ports")).toMatchObject(ports.map((name) => ({ targetPort: name })));
    for (const rule of rules ?? []) expect(rule.ports).toEqual(ports.map((port) => ({ port, protocol: "TCP" })));
  });
});

test("the server's probes and metrics are what the server has", () => {
  const paths = routesOf({} as never, {} as never).map(({ path }) => path); // nothing is asked, only listed

  expect(paths).toEqual(expect.arrayContaining(["/startupz", "/livez", "/readyz", "/metrics"]));
});

test("a job never runs beside itself, and a server never twice", () => {
  expect(at(only("CronJob", readManifests("kubernetes/cronjob")), "spec.concurrencyPolicy")).toBe("Forbid");
  expect(only("Deployment", readManifests("kubernetes/base"))).toMatchObject({
    spec: { replicas: 1, strategy: { type: "Recreate" } },
  });
});

test("nothing leaves for the machines' metadata", () => {
  const policy = only("NetworkPolicy", readManifests("kubernetes/base"));
  const egress = at(policy, "spec.egress") as readonly { readonly to?: readonly object[] }[]; // as of the kind

  expect(egress.flatMap(({ to }) => to ?? [])).toEqual([
    { ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] } },
    { ipBlock: { cidr: "::/0", except: ["fd00:ec2::254/128"] } },
  ]);
});

test("the ServiceMonitor finds the Service, and its port by name", () => {
  const service = only("Service", readManifests("kubernetes/base"));
  const monitor = only("ServiceMonitor", readManifests("kubernetes/components/service-monitor"));

  expect(service.metadata.labels).toMatchObject(at(monitor, "spec.selector.matchLabels") as Labels); // as of the kind
  expect(at(service, "spec.ports")).toMatchObject([{ name: "ops" }]);
  expect(at(monitor, "spec.endpoints")).toMatchObject([{ port: "ops", path: "/metrics" }]);
});

test.for(["kubernetes/base/regsync.yml", "compose/regsync.yml"])(
  "%s is a configuration without a complaint",
  async (file) => {
    const result = await runProgram(["config", "--strict", "-c", join(deployFolder, file)]);

    expect(result).toMatchObject({ exit: 0, stderr: "" });
  },
);

/** The objects by name, without what the chart and the base cannot have in common: who made them, and where they go. */
function comparable(manifests: readonly Manifest[]): Readonly<Record<string, unknown>> {
  const apart = new Set(["namespace", "helm.sh/chart", "app.kubernetes.io/managed-by"]);
  const copies = manifests.map((manifest): Manifest => {
    return JSON.parse(JSON.stringify(manifest, (key, value: unknown) => (apart.has(key) ? undefined : value)));
  });
  return Object.fromEntries(copies.map((copy) => [`${copy.kind}/${copy.metadata.name}`, copy]));
}

describe.skipIf(!haveTools("helm", "kustomize"))("the chart and the kustomizations", () => {
  test.for([
    { folder: "kubernetes/base", mode: "Deployment" },
    { folder: "kubernetes/cronjob", mode: "CronJob" },
  ])("$folder is the chart in the mode $mode", async ({ folder, mode }) => {
    const [built, rendered] = await Promise.all([buildKustomization(folder), renderChart(`mode=${mode}`)]);

    expect(comparable(rendered)).toEqual(comparable(built));
  });

  test("the component is the chart's ServiceMonitor", async () => {
    const monitor = only("ServiceMonitor", await renderChart("serviceMonitor.enabled=true"));

    expect(comparable([monitor])).toEqual(comparable(readManifests("kubernetes/components/service-monitor")));
  });
});

describe.skipIf(!haveTools("kubernetesValidate"))("by the schemas of Kubernetes", () => {
  test.for(renderings)("every object of $from is known to the last field", async ({ manifests }) => {
    await using folder = await makeTempFolder("manifests");
    const file = join(folder.path, "manifests.yaml");
    writeFileSync(file, manifests.map((manifest) => stringify(parse(JSON.stringify(manifest)))).join("---\n"));

    const checked = promisify(execFile)(toolPath("kubernetesValidate"), ["--strict", file], { timeout: 60_000 });

    await expect(checked).resolves.toBeDefined();
  });
});

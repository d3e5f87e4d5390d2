import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { isMap, parse, parseDocument, type YAMLMap } from "yaml";
import { haveTools } from "../support/tools.ts";
import { at, containerOf, deployFolder, only, podsIn, renderChart } from "./manifests.ts";

const chart = join(deployFolder, "helm/regsync");
const read = (name: string): string => readFileSync(join(chart, name), "utf8");

/** The schema of an object of values, as this chart's is written. */
interface ValueSchema {
  readonly description?: string;
  readonly additionalProperties?: boolean;
  readonly properties?: Readonly<Record<string, ValueSchema>>;
}

const schema = JSON.parse(read("values.schema.json")) as ValueSchema; // our own file

/** Handed to Kubernetes as they are: what is in them is not the chart's to describe. */
const opaque = new Set([
  "grafanaDashboard.instanceSelector",
  "podSecurityContext",
  "securityContext",
  "resources",
  "startupProbe",
  "livenessProbe",
  "readinessProbe",
]);

/** Every value that can be set, by its path, with the comment above it. */
function describedValues(map: YAMLMap, prefix = ""): readonly (readonly [string, string])[] {
  return map.items.flatMap(({ key, value }, position) => {
    const path = `${prefix}${String(key)}`;
    if (isMap(value) && value.items.length > 0 && !opaque.has(path)) return describedValues(value, `${path}.`);
    // What stands above the first key belongs to the mapping.
    const own = (key as { readonly commentBefore?: string | null }).commentBefore; // every key here is a scalar
    const comment = own ?? (position === 0 ? map.commentBefore : undefined) ?? "";
    return [[path, comment.split("\n").at(-1)?.replace(/^ -- /, "") ?? ""] as const];
  });
}

function describedBy({ properties = {} }: ValueSchema, prefix = ""): readonly (readonly [string, string])[] {
  return Object.entries(properties).flatMap(([key, value]) =>
    value.properties === undefined
      ? [[`${prefix}${key}`, value.description ?? ""] as const]
      : describedBy(value, `${prefix}${key}.`),
  );
}

const valuesMap = parseDocument(read("values.yaml")).contents as YAMLMap; // our own file
const values = describedValues(valuesMap);

test("every value says what it means, in the same words in the file, the schema and the table", () => {
  const table = [...read("README.md").matchAll(/^\| `(.+?)` \| .* \| (.+) \|$/gm)].map(([, path, text]) => [
    path,
    text,
  ]);

  expect(values.filter(([, text]) => text === "")).toEqual([]);
  expect(describedBy(schema).filter(([path]) => path !== "global")).toEqual(values);
  expect(table).toEqual(values);
});

test("the values of the chart pass its own schema, and nothing is let through that is not in it", () => {
  const check = new Ajv({ strict: false }).compile(schema);

  expect(check(parse(read("values.yaml"))), JSON.stringify(check.errors)).toBe(true);
  expect(check({ imagee: {} })).toBe(false);
  expect(check({ image: { tags: "1" } })).toBe(false);
});

test("the chart brings the configuration of the base", () => {
  const { config } = parse(read("values.yaml")) as { readonly config: string }; // our own file

  expect(config).toBe(readFileSync(join(deployFolder, "kubernetes/base/regsync.yml"), "utf8"));
});

test("the chart has the version of the program", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    readonly version: string;
  }; // our own file

  expect(parse(read("Chart.yaml"))).toMatchObject({ version, appVersion: version });
});

describe.skipIf(!haveTools("helm"))("rendered", () => {
  test.for([
    ["mode=Job", "mode must be one of the following"],
    ["nosuch=1", "Additional property nosuch is not allowed"],
    ["server.port=0", "server.port: Must be greater than or equal to 1"],
    ["image.digest=sha256:abc", "image.digest: Does not match pattern"],
    ["config.version=1", "config"],
    ["networkPolicy.egressPorts={http}", "egressPorts.0: Invalid type"],
  ] as const)("refuses %s", async ([setting, complaint]) => {
    await expect(renderChart(setting)).rejects.toThrow(complaint);
  });

  test("a digest wins over a tag", async () => {
    const digest = `sha256:${"0".repeat(64)}`;

    const manifests = await renderChart(`image.digest=${digest}`, "image.tag=v1", "image.repository=r.test/regsync");

    expect(podsIn(manifests).map((pod) => containerOf(pod).image)).toEqual([`r.test/regsync@${digest}`]);
  });

  test("a StatefulSet claims its volume, and a Deployment or a job takes a claim that there is", async () => {
    const set = only("StatefulSet", await renderChart("mode=StatefulSet", "persistence.storageClass=fast"));
    const claimed = await Promise.all(
      ["Deployment", "CronJob"].map((mode) => renderChart(`mode=${mode}`, "persistence.existingClaim=mine")),
    );

    expect(at(set, "spec.volumeClaimTemplates")).toMatchObject([
      {
        metadata: { name: "state" },
        spec: { accessModes: ["ReadWriteOnce"], storageClassName: "fast", resources: { requests: { storage: "1Gi" } } },
      },
    ]);
    for (const pod of claimed.flatMap(podsIn)) {
      expect(pod.spec.volumes).toContainEqual({ name: "state", persistentVolumeClaim: { claimName: "mine" } });
      expect(containerOf(pod).args).toContain("--state-dir=/var/lib/regsync");
    }
  });

  test.for([
    ["existingConfigMap=mine", { configMap: { name: "mine" } }, ["Secret/regsync-docker"]],
    ["existingSecret=mine", { secret: { secretName: "mine", defaultMode: 0o440 } }, ["Secret/regsync-docker"]],
    [
      "configAsSecret=true",
      { secret: { secretName: "regsync", defaultMode: 0o440 } },
      ["Secret/regsync", "Secret/regsync-docker"],
    ],
    ["dockerConfig.existingSecret=mine", { configMap: { name: "regsync" } }, ["ConfigMap/regsync"]],
  ] as const)("with %s the configuration and the logins come from there alone", async ([setting, volume, made]) => {
    const manifests = await renderChart(setting);

    const holders = manifests.filter(({ kind }) => kind === "ConfigMap" || kind === "Secret");
    expect(holders.map(({ kind, metadata }) => `${kind}/${metadata.name}`).toSorted()).toEqual(made);
    expect(podsIn(manifests)[0]?.spec.volumes).toContainEqual({ name: "config", ...volume });
  });

  test("a port and TLS of one's own reach the server, its probes, the Service and Prometheus", async () => {
    const manifests = await renderChart(
      "server.port=8443",
      "server.scheme=HTTPS",
      "serviceMonitor.enabled=true",
      "podMonitor.enabled=true",
    );

    const container = containerOf(podsIn(manifests)[0] ?? expect.unreachable());
    expect(container.args).toContain("--listen=:8443");
    expect(container.ports).toMatchObject([{ containerPort: 8443 }]);
    for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
      expect(probe).toMatchObject({ httpGet: { scheme: "HTTPS", port: "ops" } });
    }
    expect(at(only("Service", manifests), "spec.ports")).toMatchObject([{ port: 8443, targetPort: "ops" }]);
    expect(at(only("ServiceMonitor", manifests), "spec.endpoints")).toMatchObject([{ scheme: "https" }]);
    expect(at(only("PodMonitor", manifests), "spec.podMetricsEndpoints")).toMatchObject([{ scheme: "https" }]);
  });

  test("the alerts and the dashboard are those of this project, to the letter", async () => {
    const sidecar = await renderChart("prometheusRule.enabled=true", "grafanaDashboard.enabled=true");
    const operator = await renderChart("grafanaDashboard.enabled=true", "grafanaDashboard.mode=GrafanaOperator");

    const alerts = parse(readFileSync(join(deployFolder, "prometheus/alerts.yaml"), "utf8")) as object; // our own file
    const dashboard: unknown = JSON.parse(readFileSync(join(deployFolder, "grafana/regsync.json"), "utf8"));
    const found = sidecar.find(({ metadata }) => metadata.labels["grafana_dashboard"] === "1") ?? expect.unreachable();
    expect(only("PrometheusRule", sidecar)).toMatchObject({ spec: alerts });
    expect(JSON.parse((found["data"] as Record<string, string>)["regsync.json"] ?? "")).toEqual(dashboard); // a ConfigMap
    expect(JSON.parse(at(only("GrafanaDashboard", operator), "spec.json") as string)).toEqual(dashboard); // by its definition
  });

  test("an empty list of networks leaves no way out but the names, and not every way", async () => {
    const policy = only("NetworkPolicy", await renderChart("networkPolicy.egressCIDRs=null"));

    const dns = ["UDP", "TCP"].map((protocol) => ({ port: 53, protocol }));
    expect(at(policy, "spec.egress")).toEqual([{ ports: dns }]);
  });

  test("what is the owner's alone is handed on as it is", async () => {
    const manifests = await renderChart(
      "extraArgs={-v,debug}",
      "extraEnv[0].name=HUB_USER",
      "extraEnv[0].value=me",
      "extraEnvFrom[0].secretRef.name=hub",
      "extraVolumes[0].name=helpers",
      "extraVolumes[0].emptyDir.medium=Memory",
      "extraVolumeMounts[0].name=helpers",
      "extraVolumeMounts[0].mountPath=/opt/regsync/helpers",
      "extraInitContainers[0].name=fetch",
      "nodeSelector.disk=fast",
      "priorityClassName=high",
      "podLabels.team=a",
      "podAnnotations.note=b",
      "commonLabels.owner=c",
      "serviceAccount.annotations.role=d",
    );

    const [pod] = podsIn(manifests);
    expect(pod).toMatchObject({
      metadata: { labels: { team: "a", owner: "c" }, annotations: { note: "b" } },
      spec: {
        nodeSelector: { disk: "fast" },
        priorityClassName: "high",
        initContainers: [{ name: "fetch" }],
        containers: [{ envFrom: [{ secretRef: { name: "hub" } }] }],
      },
    });
    const container = containerOf(pod ?? expect.unreachable());
    expect(container.args.slice(-2)).toEqual(["-v", "debug"]);
    expect(container.env).toContainEqual({ name: "HUB_USER", value: "me" });
    expect(container.volumeMounts).toContainEqual({ name: "helpers", mountPath: "/opt/regsync/helpers" });
    for (const { metadata } of manifests) expect(metadata.labels).toMatchObject({ owner: "c" });
    expect(only("ServiceAccount", manifests).metadata).toMatchObject({ annotations: { role: "d" } });
  });
});

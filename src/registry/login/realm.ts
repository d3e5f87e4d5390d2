import { originOf } from "../origin.ts";
import type { HostSettings } from "../settings.ts";

/** Registries whose token servers have a name of another family. Spec: registry-protocol.md §8.2. */
const knownRealms: ReadonlyMap<string, string> = new Map([
  ["registry-1.docker.io", "auth.docker.io"],
  ["registry.gitlab.com", "gitlab.com"],
  ["nvcr.io", "authn.nvidia.com"],
]);

/** Names below which strangers are neighbours, besides those of countries (`co.uk`). */
const sharedDomains: readonly string[] = [
  "amazonaws.com",
  "azurecr.io",
  "azurewebsites.net",
  "cloudfront.net",
  "fly.dev",
  "github.io",
  "gitlab.io",
  "herokuapp.com",
  "jfrog.io",
  "netlify.app",
  "ngrok.io",
  "on.aws",
  "onrender.com",
  "pages.dev",
  "pkg.dev",
  "run.app",
  "vercel.app",
  "web.app",
  "windows.net",
  "workers.dev",
];

/** Last labels that only exist within one network, where all names have the same owner. */
const privateDomains: ReadonlySet<string> = new Set([
  "corp",
  "home",
  "internal",
  "intranet",
  "lan",
  "local",
  "localdomain",
  "private",
  "test",
]);

/**
 * Whether a realm may be given the host's login: it is the host itself (on any port) or below it, a known companion,
 * one that the user named, or in the same domain (`registry.example.com` and `gitlab.example.com`).
 *
 * Spec: registry-protocol.md §8.2.
 */
export function isTrustedRealm(realm: URL, host: HostSettings): boolean {
  const own = originOf(host).hostname;
  const asked = realm.hostname;
  if (host.realms.includes(asked) || host.realms.includes(realm.host)) return true;
  if (knownRealms.get(own) === asked) return true;
  if (isAddress(own) || isAddress(asked)) return own === asked;
  const domains = [own, ...ownDomains(own)];
  return domains.some((domain) => asked === domain || asked.endsWith(`.${domain}`)) || areNeighbours(own, asked);
}

/** The domain that a host shares with others of the same owner alone; none when that is not certain. */
function ownDomains(hostname: string): readonly string[] {
  const labels = hostname.split(".").slice(1);
  const [first = "", last = ""] = labels.slice(-2);
  if (labels.length < 2) return labels.filter((label) => privateDomains.has(label));
  const domain = labels.join(".");
  const isOfCountry = labels.length === 2 && last.length === 2 && first.length <= 3;
  const isShared = sharedDomains.some((shared) => domain === shared || domain.endsWith(`.${shared}`));
  return isOfCountry || isShared ? [] : [domain];
}

/** Names without a dot exist only within one network: services of one deployment. */
function areNeighbours(first: string, second: string): boolean {
  return !first.includes(".") && !second.includes(".");
}

function isAddress(hostname: string): boolean {
  return /^[\d.]+$|^\[/.test(hostname);
}

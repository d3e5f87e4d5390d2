/** The name that Docker Hub goes by here, whichever of its hosts somebody wrote. */
export const dockerHub = "docker.io";

const dockerHubHosts: ReadonlySet<string> = new Set([dockerHub, "index.docker.io", "registry-1.docker.io"]);

/**
 * The one name of a registry: without `http://` or `https://`, without a path, and `docker.io` for every host
 * of Docker Hub. Equal names are the same registry. Spec: regsync.md §2.2 `registry`, §4.2.
 */
export function registryName(text: string): string {
  const bare = text.replace(/^https?:\/\//, "");
  const slash = bare.indexOf("/");
  const host = slash < 0 ? bare : bare.slice(0, slash);
  return dockerHubHosts.has(host) ? dockerHub : host;
}

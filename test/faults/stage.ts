import { FakeRegistry } from "../support/fake-registry.ts";
import { pushRepository } from "../support/plain-client.ts";
import { startDockerRegistry } from "../support/real-registry.ts";
import { content, repositoryOf, tag } from "./content.ts";

/** What all cases share: registries with their content, which no case changes but under a name of its own. */
export interface Stage extends AsyncDisposable {
  /** `host:port` of the registry that is mirrored from. */
  readonly source: string;
  /** One with the referrers API, which Debian's registry has not. */
  readonly referrers: string;
  /** The registry that everything is mirrored to. */
  readonly target: string;
}

/** Starts and fills the registries. */
export async function openStage(): Promise<Stage> {
  await using started = new AsyncDisposableStack();
  const source = started.use(await startDockerRegistry({ inMemory: true }));
  const target = started.use(await startDockerRegistry({ inMemory: true }));
  const referrers = started.use(await FakeRegistry.start());
  for (const name of ["app", "neighbour", "beside"] as const) {
    await pushRepository(source.host, name, repositoryOf(content[name]));
  }
  await pushRepository(target.host, "here/app", repositoryOf(content.app));
  await pushRepository(target.host, "here/neighbour", repositoryOf(content.neighbour));
  referrers.add("app", content.subject, tag);
  referrers.add("app", content.signature);
  referrers.add("neighbour", content.neighbour, tag);
  const kept = started.move();
  return {
    source: source.host,
    target: target.host,
    referrers: referrers.name,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

import { asObject, fieldOf, listField, Misshapen, textField } from "../../oci/raw.ts";
import { basicHeader } from "../login/credentials.ts";
import { tagsPerVendorPage, type VendorApi } from "./vendor-api.ts";

/** Harbor's interface, which takes the registry's user and password. It lists artifacts, each with its tags. */
export const harborApi: VendorApi = {
  name: "Harbor",
  page: (origin, repository, number) => {
    const [project, ...rest] = repository.split("/");
    if (project === undefined || rest.length === 0) return undefined;
    // Encoded twice: the first is undone on the way.
    const name = rest.join("%252F");
    const path = `/api/v2.0/projects/${project}/repositories/${name}/artifacts`;
    return `${origin}${path}?with_tag=true&page_size=${tagsPerVendorPage}&page=${number}`;
  },
  authorization: ({ login }) =>
    login.kind === "password" ? basicHeader(login.user, login.password).reveal() : undefined,
  read: (document, digests) => {
    if (!Array.isArray(document)) throw new Misshapen("the page is not a list");
    const artifacts: readonly unknown[] = document;
    for (const item of artifacts) {
      const artifact = asObject(item, "an artifact");
      const digest = fieldOf(artifact, "digest");
      for (const tag of listField(artifact, "tags")) digests.add(textField(asObject(tag, "a tag"), "name"), digest);
    }
    return artifacts.length >= tagsPerVendorPage;
  },
};

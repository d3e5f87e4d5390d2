import { asObject, fieldOf, listField, textField } from "../../oci/raw.ts";
import { tagsPerVendorPage, type VendorApi } from "./vendor-api.ts";

/**
 * Docker Hub's interface, which is on a host of its own. It shows public repositories to everybody; it does not take the
 * registry's login, so that private ones are asked for tag by tag.
 */
export const dockerHubApi: VendorApi = {
  name: "Docker Hub",
  page: (origin, repository, number) => {
    const [namespace, name, ...more] = repository.split("/");
    if (namespace === undefined || name === undefined || more.length > 0) return undefined;
    const path = `/v2/namespaces/${namespace}/repositories/${name}/tags`;
    return `${origin}${path}?page_size=${tagsPerVendorPage}&page=${number}`;
  },
  authorization: () => undefined,
  read: (document, digests) => {
    const page = asObject(document, "the page");
    for (const item of listField(page, "results")) {
      const tag = asObject(item, "a tag");
      digests.add(textField(tag, "name"), fieldOf(tag, "digest"));
    }
    return textField(page, "next") !== "";
  },
};

import { asObject, fieldOf, listField, Misshapen, textField } from "../../oci/raw.ts";
import { tagsPerVendorPage, type VendorApi } from "./vendor-api.ts";

/** Quay's interface, at quay.io and elsewhere. It shows public repositories; the registry's login means nothing to it. */
export const quayApi: VendorApi = {
  name: "Quay",
  page: (origin, repository, number) =>
    `${origin}/api/v1/repository/${repository}/tag/?onlyActiveTags=true&limit=${tagsPerVendorPage}&page=${number}`,
  authorization: () => undefined,
  read: (document, digests) => {
    const page = asObject(document, "the page");
    const more = fieldOf(page, "has_additional");
    if (typeof more !== "boolean") throw new Misshapen("has_additional is missing");
    for (const item of listField(page, "tags")) {
      const tag = asObject(item, "a tag");
      digests.add(textField(tag, "name"), fieldOf(tag, "manifest_digest"));
    }
    return more;
  },
};

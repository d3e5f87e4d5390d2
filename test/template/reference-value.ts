import { stringType } from "../../src/template/go-type.ts";
import { bytesOf, goBool, goBytes, goStruct, type Method, type Value } from "../../src/template/value.ts";

/** The fields of a reference as templates see it, in their order. */
const fieldNames = ["Scheme", "Reference", "Registry", "Repository", "Tag", "Digest", "Path"] as const;

type Fields = Readonly<Record<(typeof fieldNames)[number], string>>;

/** A reference with methods, for templates that rename images. Spec: regsync.md §3.1. */
export function referenceValue(texts: readonly string[]): Value {
  const [Scheme = "", Reference = "", Registry = "", Repository = "", Tag = "", Digest = "", Path = ""] = texts;
  return toValue({ Scheme, Reference, Registry, Repository, Tag, Digest, Path });
}

function toValue(fields: Fields): Value {
  const named = fieldNames.map((name) => ({ name, json: name, value: goBytes(fields[name]) }));
  const isRegistry = fields.Scheme === "reg";
  const isSetRepo = isRegistry ? fields.Registry !== "" && fields.Repository !== "" : fields.Path !== "";
  const isSet = isSetRepo && (!isRegistry || fields.Tag !== "" || fields.Digest !== "");
  return goStruct(
    "ref.Ref",
    named,
    new Map([
      ["AddDigest", change((Digest) => ({ ...fields, Digest }))],
      ["CommonName", answer(() => goBytes(commonName(fields)))],
      ["IsSet", answer(() => goBool(isSet))],
      ["IsSetRepo", answer(() => goBool(isSetRepo))],
      ["IsZero", answer(() => goBool(fieldNames.every((name) => fields[name] === "")))],
      ["SetDigest", change((Digest) => ({ ...fields, Tag: "", Digest }))],
      ["SetTag", change((Tag) => ({ ...fields, Tag, Digest: "" }))],
      ["ToReg", answer(() => toValue(toRegistry(fields)))],
    ]),
  );
}

function answer(result: () => Value): Method {
  return { parameters: [], call: result };
}

function change(result: (text: string) => Fields): Method {
  return {
    parameters: [stringType],
    call: ([text]) => {
      const fields = result(bytesOf(text));
      return toValue({ ...fields, Reference: commonName(fields) });
    },
  };
}

function commonName({ Scheme, Registry, Repository, Tag, Digest, Path }: Fields): string {
  const base = Scheme === "reg" ? `${Registry}/${Repository}` : `${Scheme}://${Path}`;
  return base + (Tag === "" ? "" : `:${Tag}`) + (Digest === "" ? "" : `@${Digest}`);
}

function toRegistry(fields: Fields): Fields {
  if (fields.Scheme === "reg") return fields;
  const Repository = fields.Path.toLowerCase()
    .replace(/^\/+/, "")
    .replaceAll(/[^a-z0-9/]+/g, "-");
  return { ...fields, Scheme: "reg", Registry: "localhost", Repository };
}

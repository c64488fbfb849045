/** Adds pasted requests to the input: as annotations of a pod, or as items of the plain form. */
import { Document, isMap, isScalar, parseAllDocuments } from "yaml";
import { isObject } from "../../core/json.ts";
import { encodeRequest } from "../../core/secret/codec.ts";
import {
  INJECT_LABEL,
  MountRequirement,
  mountRequirementName,
  REQUEST_PREFIX,
  type SecretRequest,
} from "../../core/secret/request.ts";

const encoder = new TextEncoder();

/** @returns the plain form with these secrets after its own; any other text is replaced */
export function addToPlainForm(text: string, requests: readonly SecretRequest[]): string {
  const [document = new Document({})] = parse(text);
  const form = isMap(document.contents) ? document : new Document({});
  const has: unknown = form.toJS()?.secrets;
  const items = requests.map((request) => form.createNode(toPlain(request)));
  if (Array.isArray(has)) for (const item of items) form.addIn(["secrets"], item);
  else form.set("secrets", items);
  return form.toString({ lineWidth: 0 });
}

/**
 * Adds requests to the first pod of a text, as Flyte would.
 *
 * @returns the text, or `undefined` where its first document is not a v1 Pod
 */
export function addToPod(text: string, requests: readonly SecretRequest[]): string | undefined {
  const documents = parse(text);
  const [first] = documents;
  const pod: unknown = first?.toJS();
  if (!first || !isObject(pod) || pod.kind !== "Pod") return undefined;
  const metadata = isObject(pod.metadata) ? pod.metadata : {};
  const used = isObject(metadata.annotations) ? Object.keys(metadata.annotations) : [];
  let next = nextIndex(used);
  for (const request of requests) {
    const value = encodeRequest(request, (part) => encoder.encode(part));
    first.setIn(["metadata", "annotations", `${REQUEST_PREFIX}${next++}`], value);
  }
  first.setIn(["metadata", "labels", INJECT_LABEL], first.createNode("true"));
  return render(documents);
}

/** @returns the text with the webhook's label on the pod at a place, or `undefined` where the document has no such place */
export function addLabel(text: string, document: number, pod: readonly string[]): string | undefined {
  const documents = parse(text).filter(
    ({ contents }) => contents !== null && !(isScalar(contents) && contents.value === null),
  );
  const changed = documents[document];
  if (!changed || !isMap(changed.getIn(pod, true) ?? changed.contents)) return undefined;
  changed.setIn([...pod, "metadata", "labels", INJECT_LABEL], changed.createNode("true"));
  return render(documents);
}

/** Each document but the first begins with its marker, whether or not it was written. */
function render(documents: readonly Document[]): string {
  return documents
    .map((document, i) => {
      const text = document.toString({ lineWidth: 0 });
      return i === 0 || text.startsWith("---\n") ? text : `---\n${text}`;
    })
    .join("");
}

function parse(text: string): Document[] {
  return [...parseAllDocuments(text, { prettyErrors: false, logLevel: "error" })];
}

function nextIndex(keys: readonly string[]): number {
  const numbers = keys
    .filter((key) => key.startsWith(REQUEST_PREFIX))
    .map((key) => Number(key.slice(REQUEST_PREFIX.length)))
    .filter(Number.isInteger);
  return Math.max(-1, ...numbers) + 1;
}

/** Only what differs from the defaults, as a person would write it. */
function toPlain({
  group,
  group_version,
  key,
  mount_requirement,
  env_var,
}: SecretRequest): Record<string, string> {
  return {
    ...(group !== "" && { group }),
    key,
    ...(group_version !== "" && { group_version }),
    ...(mount_requirement !== MountRequirement.ANY && {
      mount_requirement: mountRequirementName(mount_requirement),
    }),
    ...(env_var !== "" && { env_var }),
  };
}

/** The answers to "what if", put into the documents where each of their pods says it. */
import { isObject } from "../../core/json.ts";
import { getByPointer } from "../../core/patch/pointer.ts";
import type { PreviewTarget } from "../../preview/input/input.ts";
import type { WhatIf } from "./inputs.ts";

/** An object of a copy, to be changed. */
type Copied = Record<string, unknown>;

function isCopied(value: unknown): value is Copied {
  return isObject(value);
}

/** What the documents themselves say: shown where no answer is given. */
export function describeWhatIf(target: PreviewTarget | undefined): WhatIf {
  const metadata = childOf(target?.pod, "metadata");
  const labels = childOf(metadata, "labels");
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return {
    namespace: target?.namespace ?? "",
    project: text(labels.project),
    domain: text(labels.domain),
    serviceAccount: text(childOf(target?.pod, "spec").serviceAccountName) || "default",
  };
}

/** @returns copies of the documents with every answer that is not blank in every pod */
export function applyWhatIf(
  documents: readonly unknown[],
  targets: readonly PreviewTarget[],
  answers: WhatIf,
): unknown[] {
  const copies = structuredClone([...documents]);
  for (const target of targets) applyToTarget(copies[target.document], target, answers);
  return copies;
}

function applyToTarget(document: unknown, target: PreviewTarget, answers: WhatIf): void {
  const owner = getByPointer(document, target.owner);
  const pod = getByPointer(document, target.pointer);
  if (!isCopied(owner) || !isCopied(pod)) return;
  const { namespace, project, domain, serviceAccount } = trim(answers);
  if (namespace !== "") {
    ensure(owner, "metadata").namespace = namespace;
    // An AdmissionReview says the namespace beside its object, and that one counts.
    const request = target.request && getByPointer(document, target.owner.replace(/\/object$/, ""));
    if (isCopied(request)) request.namespace = namespace;
  }
  const labeled = target.form === "spark" ? pod : ensure(pod, "metadata");
  if (project !== "") ensure(labeled, "labels").project = project;
  if (domain !== "") ensure(labeled, "labels").domain = domain;
  if (serviceAccount === "") return;
  if (target.form === "spark") pod.serviceAccount = serviceAccount;
  else ensure(pod, "spec").serviceAccountName = serviceAccount;
}

function trim(answers: WhatIf): WhatIf {
  const { namespace, project, domain, serviceAccount } = answers;
  return {
    namespace: namespace.trim(),
    project: project.trim(),
    domain: domain.trim(),
    serviceAccount: serviceAccount.trim(),
  };
}

/** @returns the object at a name, which is made where there is none */
function ensure(object: Copied, name: string): Copied {
  const found = object[name];
  if (isCopied(found)) return found;
  const made: Copied = {};
  object[name] = made;
  return made;
}

function childOf(object: unknown, name: string): Readonly<Copied> {
  const child = isObject(object) ? object[name] : undefined;
  return isObject(child) ? child : {};
}

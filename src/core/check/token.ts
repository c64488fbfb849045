/** Rules about the agent's login token (vault-k8s `agent.serviceaccount`; modelled in `injector/token.ts`). */
import { isTokenPath } from "../../injector/token.ts";
import { vaultKey } from "../../injector/vocabulary.ts";
import { checkIssues } from "../issue/check.ts";
import type { Findings } from "../issue/findings.ts";
import {
  type Annotations,
  type CheckedPod,
  field,
  items,
  type PodCheck,
  type Rule,
  textOf,
} from "./change.ts";

const TOKEN_VOLUME = vaultKey("agent-service-account-token-volume-name");
const TOKEN_PATH = [vaultKey("auth-config", "token-path"), vaultKey("auth-config", "token_path")];
const AUTH_TYPE = vaultKey("auth-type");

/** Path at which the API server mounts the service account's token (admission plugin ServiceAccount). */
const API_TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Checks the token's volume if an annotation names one, else the first mount that looks like a token. */
export const checkToken: Rule = (annotations) => {
  const volume = annotations.get(TOKEN_VOLUME);
  if (volume) return ({ pod }, found) => checkTokenVolume(pod.spec, volume, found);
  const isUsed = usesToken(annotations);
  return (change, found) => checkMount(change, isUsed, found);
};

/** Only the method kubernetes logs in with the token, unless another token path is given. */
function usesToken(annotations: Annotations): boolean {
  const type = annotations.get(AUTH_TYPE) ?? "kubernetes";
  return type === "kubernetes" && !TOKEN_PATH.some((key) => annotations.has(key));
}

const checkMount = ({ pod: { spec }, isPreview }: CheckedPod, isUsed: boolean, found: Findings): void => {
  const mount = findMount(spec);
  if (mount === undefined) {
    reportMissing(spec, isPreview ?? false, found);
    return;
  }
  if (!isUsed) return;
  const mountPath = textOf(mount, "mountPath");
  const why = whyForeign(spec, textOf(mount, "name"), mountPath);
  if (why === undefined) return;
  const facts = { key: TOKEN_VOLUME, mountPath, why };
  found.report(checkIssues["pod.token-foreign"], facts, { path: "/spec/containers" });
};

function findMount(spec: unknown): unknown {
  for (const container of items(spec, "containers")) {
    for (const mount of items(container, "volumeMounts")) {
      if (isTokenPath(textOf(mount, "mountPath"))) return mount;
    }
  }
  return undefined;
}

/**
 * Reports a pod without a token. After the API server's own admission, a pod names its service account and has the mount,
 * unless the pod or the account turns it off. A preview's pod has not been through this yet.
 */
function reportMissing(spec: unknown, isPreview: boolean, found: Findings): void {
  const account = textOf(spec, "serviceAccountName");
  const isOff = field(spec, "automountServiceAccountToken") === false;
  if (isOff || (!isPreview && account !== "")) {
    const where = {
      path: isOff ? "/spec/automountServiceAccountToken" : "/spec/serviceAccountName",
    } as const;
    found.report(checkIssues["pod.service-account-token-missing"], { key: TOKEN_VOLUME }, where);
  } else if (account !== "") {
    found.report(checkIssues["pod.token-unknown"], { account }, { path: "/spec/serviceAccountName" });
  }
}

/** @returns why a mount's token cannot be used for the login; `undefined` if it probably can */
function whyForeign(spec: unknown, name: string, mountPath: string): string | undefined {
  if (mountPath.startsWith(API_TOKEN_PATH)) return undefined;
  const volume = items(spec, "volumes").find((candidate) => field(candidate, "name") === name);
  if (volume === undefined) return /eks\.amazonaws\.com/.test(mountPath) ? "its token is for AWS" : undefined;
  if (field(volume, "secret") !== undefined) return undefined;
  const tokens = items(field(volume, "projected"), "sources").map((source) =>
    field(source, "serviceAccountToken"),
  );
  const token = tokens.find((candidate) => textOf(candidate, "path") !== "");
  if (token === undefined) return "its volume has no service account token";
  if (textOf(token, "path") !== "token")
    return `the agent reads the file token, but the token is in ${textOf(token, "path")}`;
  const audience = textOf(token, "audience");
  return audience === "" || /vault|kubernetes/i.test(audience) ? undefined : `its token is for ${audience}`;
}

function checkTokenVolume(spec: unknown, volume: string, found: Findings): void {
  const facts = { key: TOKEN_VOLUME, volume };
  const where = { annotation: TOKEN_VOLUME };
  const item = items(spec, "volumes").find((candidate) => field(candidate, "name") === volume);
  if (item === undefined) {
    found.report(checkIssues["pod.token-volume-missing"], facts, where);
  } else if (!items(field(item, "projected"), "sources").some(isToken)) {
    found.report(checkIssues["pod.token-volume-not-projected"], facts, where);
  }
}

function isToken(source: unknown): boolean {
  return textOf(field(source, "serviceAccountToken"), "path") !== "";
}

/** Reports a pod that was copied with its status: the injector leaves alone a pod that has started. */
export const checkPhase: PodCheck = ({ pod }, found) => {
  const phase = textOf(pod.status, "phase");
  if (phase === "" || phase === "Pending") return;
  found.report(checkIssues["pod.started"], { phase }, { path: "/status/phase" });
};

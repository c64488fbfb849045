/**
 * The Kubernetes types that the injector decodes and encodes (k8s.io/api v0.36.3, `core/v1/types.go`): a whole container, and
 * the fields of a pod that it reads. Fields of a later Kubernetes version are lost when a container is encoded again.
 */
import {
  always,
  bool,
  embedded,
  type GoField,
  int32,
  int64,
  list,
  map,
  named,
  nullable,
  omit,
  pointer,
  port,
  quantity,
  struct,
  text,
} from "./go-struct.ts";

const OPTIONAL = pointer(bool);
const NAME = embedded("LocalObjectReference", omit(text));
const toProbe = (field: GoField) => embedded("ProbeHandler", field);

const EXEC = pointer(struct("ExecAction", { command: omit(list(text)) }));
const HTTP_GET = pointer(
  struct("HTTPGetAction", {
    path: omit(text),
    port: always(port),
    host: omit(text),
    scheme: omit(named("URIScheme")),
    httpHeaders: omit(list(struct("HTTPHeader", { name: always(text), value: always(text) }))),
  }),
);
const TCP_SOCKET = pointer(struct("TCPSocketAction", { port: always(port), host: omit(text) }));

const PROBE = pointer(
  struct("Probe", {
    exec: toProbe(EXEC),
    httpGet: toProbe(HTTP_GET),
    tcpSocket: toProbe(TCP_SOCKET),
    grpc: toProbe(pointer(struct("GRPCAction", { port: always(int32), service: nullable(text) }))),
    initialDelaySeconds: omit(int32),
    timeoutSeconds: omit(int32),
    periodSeconds: omit(int32),
    successThreshold: omit(int32),
    failureThreshold: omit(int32),
    terminationGracePeriodSeconds: pointer(int64),
  }),
);

const HANDLER = pointer(
  struct("LifecycleHandler", {
    exec: EXEC,
    httpGet: HTTP_GET,
    tcpSocket: TCP_SOCKET,
    sleep: pointer(struct("SleepAction", { seconds: always(int64) })),
  }),
);

const PROFILE = { type: always(text), localhostProfile: pointer(text) };

const SECURITY_CONTEXT = struct("SecurityContext", {
  capabilities: pointer(
    struct("Capabilities", { add: omit(list(named("Capability"))), drop: omit(list(named("Capability"))) }),
  ),
  privileged: OPTIONAL,
  seLinuxOptions: pointer(
    struct("SELinuxOptions", { user: omit(text), role: omit(text), type: omit(text), level: omit(text) }),
  ),
  windowsOptions: pointer(
    struct("WindowsSecurityContextOptions", {
      gmsaCredentialSpecName: pointer(text),
      gmsaCredentialSpec: pointer(text),
      runAsUserName: pointer(text),
      hostProcess: OPTIONAL,
    }),
  ),
  runAsUser: pointer(int64),
  runAsGroup: pointer(int64),
  runAsNonRoot: OPTIONAL,
  readOnlyRootFilesystem: OPTIONAL,
  allowPrivilegeEscalation: OPTIONAL,
  procMount: pointer(named("ProcMountType")),
  seccompProfile: pointer(struct("SeccompProfile", PROFILE)),
  appArmorProfile: pointer(struct("AppArmorProfile", PROFILE)),
});

const VALUE_FROM = struct("EnvVarSource", {
  fieldRef: pointer(struct("ObjectFieldSelector", { apiVersion: omit(text), fieldPath: always(text) })),
  resourceFieldRef: pointer(
    struct("ResourceFieldSelector", {
      containerName: omit(text),
      resource: always(text),
      divisor: always(quantity),
    }),
  ),
  configMapKeyRef: pointer(
    struct("ConfigMapKeySelector", { name: NAME, key: always(text), optional: OPTIONAL }),
  ),
  secretKeyRef: pointer(struct("SecretKeySelector", { name: NAME, key: always(text), optional: OPTIONAL })),
  fileKeyRef: pointer(
    struct("FileKeySelector", {
      volumeName: always(text),
      path: always(text),
      key: always(text),
      optional: OPTIONAL,
    }),
  ),
});

const ENV_FROM = struct("EnvFromSource", {
  prefix: omit(text),
  configMapRef: pointer(struct("ConfigMapEnvSource", { name: NAME, optional: OPTIONAL })),
  secretRef: pointer(struct("SecretEnvSource", { name: NAME, optional: OPTIONAL })),
});

const PORT = struct("ContainerPort", {
  name: omit(text),
  hostPort: omit(int32),
  containerPort: always(int32),
  protocol: omit(named("Protocol")),
  hostIP: omit(text),
});

const RESOURCE_LIST = omit(map(quantity, "v1.ResourceList"));

/** A volume mount. */
export const VOLUME_MOUNT = struct("VolumeMount", {
  name: always(text),
  readOnly: omit(bool),
  recursiveReadOnly: pointer(named("RecursiveReadOnlyMode")),
  mountPath: always(text),
  subPath: omit(text),
  mountPropagation: pointer(named("MountPropagationMode")),
  subPathExpr: omit(text),
});

const RESTART_RULE = struct("ContainerRestartRule", {
  action: omit(named("ContainerRestartRuleAction")),
  exitCodes: pointer(
    struct("ContainerRestartRuleOnExitCodes", {
      operator: omit(named("ContainerRestartRuleOnExitCodesOperator")),
      values: omit(list(int32)),
    }),
  ),
});

const CONTAINER_FIELDS: Readonly<Record<string, GoField>> = {
  name: always(text),
  image: omit(text),
  command: omit(list(text)),
  args: omit(list(text)),
  workingDir: omit(text),
  ports: omit(list(PORT)),
  envFrom: omit(list(ENV_FROM)),
  env: omit(
    list(struct("EnvVar", { name: always(text), value: omit(text), valueFrom: pointer(VALUE_FROM) })),
  ),
  resources: omit(
    struct("ResourceRequirements", {
      limits: RESOURCE_LIST,
      requests: RESOURCE_LIST,
      claims: omit(list(struct("ResourceClaim", { name: always(text), request: omit(text) }))),
    }),
  ),
  resizePolicy: omit(
    list(
      struct("ContainerResizePolicy", {
        resourceName: always(named("ResourceName")),
        restartPolicy: always(named("ResourceResizeRestartPolicy")),
      }),
    ),
  ),
  restartPolicy: pointer(named("ContainerRestartPolicy")),
  restartPolicyRules: omit(list(RESTART_RULE)),
  volumeMounts: omit(list(VOLUME_MOUNT)),
  volumeDevices: omit(list(struct("VolumeDevice", { name: always(text), devicePath: always(text) }))),
  livenessProbe: PROBE,
  readinessProbe: PROBE,
  startupProbe: PROBE,
  lifecycle: pointer(
    struct("Lifecycle", { postStart: HANDLER, preStop: HANDLER, stopSignal: pointer(named("Signal")) }),
  ),
  terminationMessagePath: omit(text),
  terminationMessagePolicy: omit(named("TerminationMessagePolicy")),
  imagePullPolicy: omit(named("PullPolicy")),
  securityContext: pointer(SECURITY_CONTEXT),
  stdin: omit(bool),
  stdinOnce: omit(bool),
  tty: omit(bool),
};

/** A container with all of its fields. */
export const CONTAINER = struct("Container", CONTAINER_FIELDS);

const VOLUME = struct("Volume", {
  name: always(text),
  projected: pointer(
    struct("ProjectedVolumeSource", {
      sources: omit(
        list(
          struct("VolumeProjection", {
            serviceAccountToken: pointer(
              struct("ServiceAccountTokenProjection", {
                audience: omit(text),
                expirationSeconds: pointer(int64),
                path: always(text),
              }),
            ),
          }),
        ),
      ),
    }),
  ),
});

/** The fields of a pod that the injector reads; the API server validates all others. */
export const POD = struct("Pod", {
  metadata: omit(
    struct("ObjectMeta", {
      name: omit(text),
      generateName: omit(text),
      namespace: omit(text),
      labels: omit(map(text)),
      annotations: omit(map(text)),
    }),
  ),
  spec: omit(
    struct("PodSpec", {
      volumes: omit(list(VOLUME)),
      initContainers: omit(list(CONTAINER)),
      containers: always(list(CONTAINER)),
      shareProcessNamespace: pointer(bool),
    }),
  ),
  status: omit(struct("PodStatus", { phase: omit(named("PodPhase")) })),
});

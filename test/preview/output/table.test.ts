import { expect, test } from "bun:test";
import { previewDocuments } from "../../../src/preview/answer.ts";
import { renderTable } from "../../../src/preview/output/table.ts";
import { allowed, createReview, readGood, refused } from "../fixtures.ts";

const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "a", namespace: "team", annotations: { "flyte.secrets/s0": "x" } },
  spec: { containers: [{ env: [{ name: "A" }] }, {}] },
};

test("renderTable says what each pod gets and who decided it", async () => {
  const { review } = createReview(({ uid }) => (uid === "no" ? refused() : allowed()));
  const second = {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: { uid: "no", object: POD },
  };
  const answer = await previewDocuments(readGood([POD, second]), { review, configHash: "" });
  expect(renderTable(answer)).toBe(`Pod team/a: allowed

  ANNOTATION    VALUE                                                         SET BY
  acme.io/team  a                                                             config webhook.x
  acme.io/role  long xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…  pod (overrides plugin role-map)
  acme.io/id    line\\nbreak\\u001b[31m\\u202e                                   secret flyte.secrets/s0

  VARIABLE  VALUE            CONTAINER    SET BY
  NEW       "n" (was "old")  main (init)  secret flyte.secrets/s0

  FILE                                         REQUEST                                    READ BY
  /etc/flyte/secrets/secret/data/team/api_key  flyte.secrets/s0 secret/data/team#api_key  flyte

  INJECTOR ADDS  NAME                                          WHERE
  nothing        left alone: no annotation asks for injection  model of vault-k8s 1.7.6

Pod team/a: refused

  ISSUE  CODE           MESSAGE
  deny   secret.base32  Cannot decode
                        Encode it
  deny   secret.base32  Cannot decode
                        Encode it
`);
});

test("renderTable names what has no kind and no name", () => {
  const [result] = [
    {
      kind: "",
      name: "",
      namespace: "n",
      allowed: true,
      issues: [],
      requests: [],
      annotations: [],
      env: [],
      warnings: [],
      patch: [],
      object: {},
      plugins: [],
    },
  ];
  expect(renderTable({ version: 1, configHash: "", results: result ? [result] : [] })).toBe(
    "Object n/(no name): allowed\n",
  );
});

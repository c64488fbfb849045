// A plugin of a team: mounted from the ConfigMap flyte-vault-webhook-plugins, named in webhook.yaml as ../plugins/cost-center.ts.
import { definePlugin } from "flyte-vault-webhook/plugin";

export default definePlugin({
  name: "cost-center",
  description: "Marks pods with the cost centre of their project",
  writes: ["acme.io/cost-center"],
  setup: () => ({
    annotations: ({ project }) => ({ "acme.io/cost-center": project ?? "none" }),
  }),
});

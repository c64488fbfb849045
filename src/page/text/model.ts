/** What the page says about the injector that the server models. */

/** Release of vault-k8s whose vocabulary and behaviour are modelled (`src/injector`). */
export const VAULT_K8S_VERSION = "1.7.6";

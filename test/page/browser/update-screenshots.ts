/** Takes the pictures that README shows: `npm run docs:screenshots`. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { awaitVerdict, loadExample, openStage } from "./browser.ts";

const FOLDER = join(import.meta.dir, "../../../docs/images");

await mkdir(FOLDER, { recursive: true });
const stage = await openStage();
try {
  for (const colorScheme of ["light", "dark"] as const) {
    const { page } = await stage.open({ colorScheme, viewport: { width: 1280, height: 760 } });
    await loadExample(page, "A task's pod");
    await awaitVerdict(page, "1 warning");
    if (colorScheme === "dark") await page.getByRole("tab", { name: "Diff" }).click();
    await page.locator(".details:not(.outdated) .pane > *").first().waitFor();
    await page.screenshot({ path: join(FOLDER, `page-${colorScheme}.png`), animations: "disabled" });
  }
} finally {
  await stage.close();
}

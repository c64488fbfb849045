/** Why there is no answer: the text cannot be read, the configuration cannot be used, or a token is missing. */
import { useState } from "preact/hooks";
import type { Problem } from "../answer.ts";
import { endSentence } from "../text/sentence.ts";
import { count } from "../text/verdict.ts";
import { Sentence } from "./text.tsx";

/** Says that the input cannot be read; the editor marks the places. */
export function Unreadable({ reasons }: { readonly reasons: number }) {
  return (
    <div class="verdict bad">
      <strong>Unreadable</strong>
      <p>The text cannot be previewed yet: {count(reasons, "reason")} below.</p>
    </div>
  );
}

/** Shows why the server refused the whole input. */
export function Refusal({ problem }: { readonly problem: Problem }) {
  const { issues, title, detail } = problem;
  return (
    <div class="verdict bad">
      <strong>No answer</strong>
      <p>
        {issues.length > 0 ? (
          `The configuration or the input cannot be used: ${count(issues.length, "reason")} below.`
        ) : (
          <Sentence text={`${endSentence(title)} ${detail}`} />
        )}
      </p>
    </div>
  );
}

interface TokenProps {
  readonly problem: Problem;
  readonly hasToken: boolean;
  readonly onToken: (token: string) => void;
}

/** Asks for the token of the preview; it is kept in memory only. */
export function TokenForm({ problem, hasToken, onToken }: TokenProps) {
  const [token, setToken] = useState("");
  const isCandidate = problem.status !== 401;
  return (
    <form
      class="token"
      onSubmit={(event) => {
        event.preventDefault();
        onToken(token.trim());
      }}
    >
      <div class="verdict warn">
        <strong>Token needed</strong>
        <p>
          {isCandidate
            ? "Previews under another configuration need the server's token."
            : "This server answers previews only with its token."}
          {hasToken && " The one that was given is not right."}
        </p>
      </div>
      <label>
        server.preview.token{" "}
        <input
          type="password"
          autocomplete="off"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>{" "}
      <button type="submit" class="button" disabled={token.trim() === ""}>
        Use it
      </button>
      <p class="dim">
        It is kept in this page's memory until the page is closed, and is not part of shared links.
      </p>
    </form>
  );
}

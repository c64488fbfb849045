/** What stands in the way of an answer: text that cannot be read, a configuration that cannot be used, a token. */
import { useState } from "preact/hooks";
import type { Problem } from "../answer.ts";
import { Sentence } from "./text.tsx";

/** @returns whether a token would help */
export function wantsToken({ code, status }: Problem): boolean {
  return status === 401 || code === "http.candidate-config";
}

export function Unreadable({ count }: { readonly count: number }) {
  return (
    <div class="verdict bad">
      <strong>Unreadable</strong>
      <p>
        The text cannot be previewed yet: {count} {count === 1 ? "reason" : "reasons"} below.
      </p>
    </div>
  );
}

export function Refusal({ problem }: { readonly problem: Problem }) {
  return (
    <div class="verdict bad">
      <strong>No answer</strong>
      <p>
        <Sentence text={problem.title} />. {problem.issues.length === 0 && <Sentence text={problem.detail} />}
      </p>
    </div>
  );
}

interface TokenProps {
  readonly problem: Problem;
  readonly hasToken: boolean;
  readonly onToken: (token: string) => void;
}

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

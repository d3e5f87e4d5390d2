const shellVariable = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/;
const actionsExpression = /\$\{\{\s*(?:(?:env|secrets|vars)\s*[.:]\s*([A-Za-z_][A-Za-z0-9_]*))?/;
/** What no password looks like. */
const nothingElse = /^\$\{(?:\{\s*(?:env|secrets|vars)\s*[.:]\s*[A-Z_][A-Z0-9_]*\s*\}|[A-Z_][A-Z0-9_]*)\}$/;

/**
 * What to write instead of another program's notation for variables: `${NAME}` of the shell and of compose files,
 * `${{ env.NAME }}` of GitHub Actions. `undefined` when a text has none. Shows no more of the text than the name, and
 * of a secret not even that unless the name is all there is.
 */
export function explainForeignNotation(text: string, isSecret = false): string | undefined {
  if (!text.includes("${") || (isSecret && !nothingElse.test(text))) return undefined;
  const expression = actionsExpression.exec(text);
  if (expression !== null) {
    return `\${{ … }} is the notation of GitHub Actions, and nothing here expands it; write ${template(expression[1])}`;
  }
  const variable = shellVariable.exec(text);
  if (variable === null) return undefined;
  return `${variable[0]} is the notation of a shell, and nothing here expands it; write ${template(variable[1])}`;
}

function template(name = "NAME"): string {
  return `{{env "${name}"}}`;
}

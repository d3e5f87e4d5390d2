import { escapeUnprintable } from "../observe/printable.ts";
import { candidatesFor } from "./candidates.ts";
import { completeCommand, type Shell } from "./program.ts";
import type { World } from "./world.ts";

/** What a completion script reads when the name of a file is wanted. */
const filesWanted = ":files";

/** `completion <shell>`: prints the script that makes the shell complete this program's command line. */
export function printCompletion(shell: Shell, descriptions: boolean, world: World): void {
  world.stdout.write(scripts[shell](descriptions ? completeCommand : `${completeCommand} --no-descriptions`));
}

/**
 * Answers a completion script: one candidate a line, a tab and its description behind it if they are wanted, or
 * `:files`. The last word is the one under the cursor; a blank one is empty, which PowerShell cannot hand over.
 */
export function complete(words: readonly string[], descriptions: boolean, world: World): void {
  const { candidates, files } = candidatesFor([...words.slice(0, -1), (words.at(-1) ?? "").trim()]);
  const lines = candidates.map(({ text, description }) =>
    descriptions && description !== "" ? `${text}\t${escapeUnprintable(description)}` : text,
  );
  for (const line of files ? [filesWanted] : lines) world.stdout.write(`${line}\n`);
}

/** The scripts ask the program itself for candidates, so that they never grow old. Bash has no place for descriptions. */
const scripts: Readonly<Record<Shell, (ask: string) => string>> = {
  bash: () => `# bash completion for regsync. To load it now:  source <(regsync completion bash)
_regsync() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ $line == ${filesWanted} ]]; then
            compopt -o default
        else
            COMPREPLY+=("$line")
        fi
    done < <("\${COMP_WORDS[0]}" ${completeCommand} --no-descriptions "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _regsync regsync
`,

  zsh: (ask) => `#compdef regsync
# zsh completion for regsync. To load it now:  source <(regsync completion zsh)
_regsync() {
    local line tab=$'\\t'
    local -a described
    for line in "\${(@f)$("\${words[1]}" ${ask} "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        if [[ $line == ${filesWanted} ]]; then
            compset -P '*='
            _files
        elif [[ -n $line ]]; then
            described+=("\${\${line//:/\\\\:}/$tab/:}")
        fi
    done
    (( $#described )) && _describe regsync described
}
if [[ $funcstack[1] == _regsync ]]; then
    _regsync
else
    compdef _regsync regsync
fi
`,

  fish: (ask) => `# fish completion for regsync. To load it now:  regsync completion fish | source
function __regsync_candidates
    set -l words (commandline -opc)
    for line in ($words[1] ${ask} $words[2..-1] (commandline -ct) 2>/dev/null)
        if test "$line" = ${filesWanted}
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c regsync -f -a '(__regsync_candidates)'
`,

  powershell: (
    ask,
  ) => `# PowerShell completion for regsync. To load it now:  regsync completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName regsync -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $elements = @($commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition })
    $words = @($elements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    if ($wordToComplete -eq '') { $words += ' ' }
    & $elements[0].ToString() ${ask} @words 2>$null | Where-Object { $_ -ne '${filesWanted}' } | ForEach-Object {
        $text, $description = $_ -split "\`t", 2
        if (-not $description) { $description = $text }
        [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $description)
    }
}
`,
};

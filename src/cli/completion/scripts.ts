/** Completion scripts for bash, zsh and fish. Where nothing else fits, they complete files. */
import { allCommands, type CompletedCommand, type CompletedOption } from "./command-tree.ts";
import type { NamedThing } from "./names.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

export function completionScript(shell: Shell, program: CompletedCommand): string {
  switch (shell) {
    case "bash":
      return bashScript(program);
    case "zsh":
      return zshScript(program);
    case "fish":
      return fishScript(program);
  }
}

/** Options whose values are names in the workflow at hand. */
const namingOptions: Readonly<Record<NamedThing, readonly string[]>> = {
  tasks: ["--only", "--force"],
  variants: ["--variant"],
  params: ["--set"],
};

/** Commands that take tasks as arguments. */
const takingTasks: readonly string[] = ["logs", "checkout"];

const nameOf = ({ path }: CompletedCommand): string => path.at(-1)!;
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const placesTakingTasks = takingTasks.map((name) => quoted(`${name}/`)).join("|");

/** Finds where in the tree of commands the words before the cursor lead, in what bash and zsh share. */
function findPlace(program: CompletedCommand, words: string): string {
  const cases = allCommands(program)
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => {
      const before = path.slice(0, -1).map((word) => `${word}/`);
      return `      ${quoted(`${before.join("")} ${path.at(-1)}`)}) place=${quoted(`${path.join("/")}/`)} ;;`;
    });
  return `  local place="" word
  for word in "\${${words}}"; do
    case "$place $word" in
${cases.join("\n")}
    esac
  done`;
}

function bashScript(program: CompletedCommand): string {
  const cases = allCommands(program).map((command) => {
    const options = command.options.flatMap(({ names }) => names).join(" ");
    const commands = command.subcommands.map(nameOf).join(" ");
    return `    ${quoted(pathKey(command))}) options=${quoted(options)} commands=${quoted(commands)} ;;`;
  });
  const values = choicesOf(program).map(
    ({ names, choices }) => `    ${names.join("|")}) commands=${quoted(choices.join(" "))}; options="" ;;`,
  );
  return `# tomoflow completion for bash: put into ~/.bashrc
#   source <(tomoflow completion bash)
_tomoflow_names() {
  local word file=workflow.yaml
  for word in "\${before[@]}"; do [[ "$word" == *.yaml || "$word" == *.yml ]] && file="$word"; done
  tomoflow completion bash "$file" --names "$1" --typed "$current" 2>/dev/null
}
_tomoflow() {
  # not COMP_WORDS: bash takes segment@t2 for three words
  local line="\${COMP_LINE:0:COMP_POINT}" options="" commands="" reply
  local current="\${line##*[[:space:]]}"
  local -a before
  read -ra before <<< "\${line%"$current"}"
  local previous="\${before[\${#before[@]}-1]}"
${findPlace(program, "before[@]:1")}
  case "$place" in
${cases.join("\n")}
  esac
  case "$previous" in
    ${valueNames(program).join("|")}) options="" commands="" ;;
  esac
  case "$previous" in
    --)  ;;
${values.join("\n")}
${namingCases((thing) => `commands="$(_tomoflow_names ${thing})"; options=""`)}
    *) case "$place" in
      ${placesTakingTasks}) [[ "$current" == -* ]] || commands="$(_tomoflow_names tasks)" ;;
    esac ;;
  esac
  if [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$commands" -- "$current"))
  fi
  if [[ "$current" == *@* && "$COMP_WORDBREAKS" == *@* ]]; then
    for reply in "\${!COMPREPLY[@]}"; do COMPREPLY[reply]="\${COMPREPLY[reply]#*@}"; done
  fi
}
complete -o default -o bashdefault -F _tomoflow tomoflow
`;
}

function zshScript(program: CompletedCommand): string {
  const described = (name: string, text: string) =>
    quoted(`${name}:${text.replaceAll("\\", "\\\\").replaceAll(":", "\\:")}`);
  const cases = allCommands(program).map((command) => {
    const options = command.options.flatMap(({ names, description }) =>
      names.map((name) => described(name, description)),
    );
    const commands = command.subcommands.map((each) => described(nameOf(each), each.description));
    return `    ${quoted(pathKey(command))}) options=(${options.join(" ")}) commands=(${commands.join(" ")}) ;;`;
  });
  const values = choicesOf(program).map(
    ({ names, choices }) =>
      `    ${names.join("|")}) options=() commands=(${choices.map(quoted).join(" ")}) ;;`,
  );
  return `#compdef tomoflow
# tomoflow completion for zsh: put into ~/.zshrc, after compinit
#   source <(tomoflow completion zsh)
_tomoflow_names() {
  local word file=workflow.yaml
  for word in "\${before[@]}"; do [[ "$word" == *.yaml || "$word" == *.yml ]] && file="$word"; done
  tomoflow completion zsh "$file" --names "$1" --typed "$current" 2>/dev/null
}
_tomoflow() {
  local current="\${words[CURRENT]}" previous="\${words[CURRENT-1]}"
  local -a options commands before
  before=("\${(@)words[2,CURRENT-1]}")
${findPlace(program, "before[@]")}
  case "$place" in
${cases.join("\n")}
  esac
  case "$previous" in
    ${valueNames(program).join("|")}) options=() commands=() ;;
  esac
  case "$previous" in
    --) ;;
${values.join("\n")}
${namingCases((thing) => `options=() commands=("\${(@f)$(_tomoflow_names ${thing})}")`)}
    *) case "$place" in
      ${placesTakingTasks}) [[ "$current" == -* ]] || commands=("\${(@f)$(_tomoflow_names tasks)}") ;;
    esac ;;
  esac
  commands=("\${(@)commands:#}")
  if [[ "$current" == -* ]] && (( \${#options} )); then
    _describe -o option options
  elif (( \${#commands} )); then
    _describe command commands
  else
    _files
  fi
}
compdef _tomoflow tomoflow
`;
}

function fishScript(program: CompletedCommand): string {
  const lines = allCommands(program).flatMap((command) => [
    ...command.subcommands.map(
      (each) =>
        `complete -c tomoflow -n ${conditionOf(command)} -f -a ${nameOf(each)} -d ${quoted(each.description)}`,
    ),
    ...command.options.map((option) => fishOption(command, option)),
    ...(takingTasks.includes(command.path.join(" "))
      ? [`complete -c tomoflow -n ${conditionOf(command)} -a '(__tomoflow_names tasks)'`]
      : []),
  ]);
  return `# tomoflow completion for fish: tomoflow completion fish > ~/.config/fish/completions/tomoflow.fish
function __tomoflow_at
  set -l place
  for word in (commandline -opc)[2..-1]
    contains -- (string join -- / $place $word) ${allCommands(program)
      .filter(({ path }) => path.length > 0)
      .map(({ path }) => path.join("/"))
      .join(" ")}; and set -a place $word
  end
  test (string join -- / x $place) = (string join -- / x $argv)
end
function __tomoflow_names
  set -l file workflow.yaml
  for word in (commandline -opc)
    string match -qr '\\.ya?ml$' -- $word; and set file $word
  end
  tomoflow completion fish $file --names $argv[1] --typed (commandline -ct | string collect) 2>/dev/null
end
${lines.join("\n")}
`;
}

/** A line of `case "$previous" in` for each kind of names. */
const namingCases = (work: (thing: NamedThing) => string): string =>
  Object.entries(namingOptions)
    .map(([thing, options]) => `    ${options.join("|")}) ${work(thing as NamedThing)} ;;`)
    .join("\n");

const conditionOf = ({ path }: CompletedCommand): string => quoted(["__tomoflow_at", ...path].join(" "));

function fishOption(command: CompletedCommand, option: CompletedOption): string {
  const names = option.names.map((name) =>
    name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  const named = Object.entries(namingOptions).find(([, names]) => names.includes(option.names[0]!))?.[0];
  const values =
    option.choices.length > 0
      ? ` -x -a ${quoted(option.choices.join(" "))}`
      : named
        ? ` -x -a '(__tomoflow_names ${named})'`
        : " -r";
  return `complete -c tomoflow -n ${conditionOf(command)} ${names.join(" ")}${option.takesValue ? values : ""} -d ${quoted(option.description)}`;
}

/** `volume/info/`, empty for the program. */
const pathKey = ({ path }: CompletedCommand): string => path.map((word) => `${word}/`).join("");

const optionsOf = (program: CompletedCommand): readonly CompletedOption[] =>
  allCommands(program).flatMap(({ options }) => options);

/** Names of options that a value follows, in every command that has them. */
function valueNames(program: CompletedCommand): readonly string[] {
  const plain = new Set(optionsOf(program).flatMap(({ names, takesValue }) => (takesValue ? [] : names)));
  const names = optionsOf(program).flatMap((option) => (option.takesValue ? option.names : []));
  return [...new Set(names)].filter((name) => !plain.has(name));
}

/** Options with few values, told apart by their names. */
function choicesOf(program: CompletedCommand): readonly CompletedOption[] {
  const found = new Map<string, CompletedOption>();
  for (const option of optionsOf(program))
    if (option.choices.length > 0 && !found.has(option.names.join())) found.set(option.names.join(), option);
  return [...found.values()];
}

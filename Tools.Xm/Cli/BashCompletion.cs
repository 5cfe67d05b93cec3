using System.Text;

namespace Hospes.Xm.Cli;

/// <summary>A completion script for bash, made from the command table.</summary>
internal static class BashCompletion
{
    public static string Script(CommandTable table)
    {
        StringBuilder script = new();
        script.Append("# bash completion for xm and xl. Load it with: source <(xm completion bash)\n");
        script.Append("_xm()\n{\n");
        script.Append("    local word=\"${COMP_WORDS[COMP_CWORD]}\" command=\"${COMP_WORDS[1]}\" words=\"\" kind=\"\"\n");
        script.Append("    if [ \"$COMP_CWORD\" -eq 1 ]; then\n");
        script.Append($"        COMPREPLY=($(compgen -W \"{string.Join(' ', table.Commands.Select(command => command.Name))} --help\" -- \"$word\"))\n");
        script.Append("        return\n    fi\n    case \"$command\" in\n");
        foreach (CommandDescription command in table.Commands)
            script.Append($"        {Pattern(command)}) words=\"{Words(command)}\" kind={Kind(command.ArgumentKind)} ;;\n");
        script.Append("    esac\n    case \"$kind\" in\n");
        script.Append("        domain) words=\"$words $(xm list 2>/dev/null | awk 'NR > 1 { print $1 }')\" ;;\n");
        script.Append($"        command) words=\"$words {string.Join(' ', table.Commands.Select(command => command.Name))}\" ;;\n");
        script.Append("        shell) words=\"$words bash\" ;;\n    esac\n");
        script.Append("    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n");
        script.Append("    if [ \"$kind\" = file ]; then\n");
        script.Append("        COMPREPLY+=($(compgen -f -- \"$word\") $(cd \"${HOSPES_ROOT:-}/etc/xen\" 2>/dev/null && compgen -f -- \"$word\"))\n    fi\n}\n");
        script.Append("complete -F _xm xm xl\n");
        return script.ToString();
    }

    private static string Pattern(CommandDescription command) => string.Join('|', [command.Name, .. command.DeprecatedNames]);

    private static string Words(CommandDescription command) =>
        string.Join(' ', command.Options.SelectMany(Spellings).Concat(["-h", "--help"]).Distinct());

    private static IEnumerable<string> Spellings(OptionSpec option)
    {
        if (option.Short != '\0')
            yield return "-" + option.Short;
        if (option.Long is not null)
            yield return $"--{option.Long}{(option.Value is null ? "" : "=")}";
    }

    private static string Kind(ArgumentKind kind) => kind switch
    {
        ArgumentKind.Domain => "domain",
        ArgumentKind.ConfigFile => "file",
        ArgumentKind.Command => "command",
        ArgumentKind.Shell => "shell",
        _ => "none",
    };
}

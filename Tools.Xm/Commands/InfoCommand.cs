using System.Text.Json;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm info</c>: one line per fact about the host, or with <c>-c</c> per parameter of xend (fact sheet "xm", sections 7 and 7.1).</summary>
internal sealed class InfoCommand : XmCommand
{
    private const int NameWidth = 23;
    private const int ParameterWidth = 38;

    public override CommandDescription Description { get; } = new()
    {
        Name = "info",
        Group = CommandGroup.Host,
        Arguments = "[-c|--config]",
        Summary = "Show facts about the host, or how xend is configured.",
        Options = [new('c', "config", "Show the parameters that xend works with"), new('\0', "json", "Output as JSON")],
        MaximumArguments = 0,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        bool isConfiguration = line.Has("config");
        byte[] answer = session.Xend.Get(isConfiguration ? "/v1/host/configuration" : "/v1/host");
        if (line.Has("json"))
        {
            session.Out.Write(JsonPassage.Indent(answer));
            return 0;
        }

        using JsonDocument host = JsonDocument.Parse(answer);
        foreach (JsonProperty fact in host.RootElement.EnumerateObject())
        {
            if (fact.Name != "system")
                session.Out.Write($"{fact.Name.PadRight(isConfiguration ? ParameterWidth : NameWidth)}: {Text(fact.Value)}\n");
        }

        return 0;
    }

    /// <summary>Values of several lines, such as node_to_cpu, go on under their beginning.</summary>
    private static string Text(JsonElement value)
    {
        IEnumerable<string> lines = value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Select(element => element.ToString())
            : value.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string text = string.Join($"\n{"",NameWidth + 2}", lines);
        return text.Length == 0 ? "(none)" : text;
    }
}

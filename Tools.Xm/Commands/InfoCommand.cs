using System.Text.Json;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm info</c>: one line per fact about the host (fact sheet "xm", section 7.1).</summary>
internal sealed class InfoCommand : XmCommand
{
    private const int NameWidth = 23;

    public override CommandDescription Description { get; } = new()
    {
        Name = "info",
        Group = CommandGroup.Host,
        Summary = "Show facts about the host.",
        Options = [new('\0', "json", "Output as JSON")],
        MaximumArguments = 0,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        byte[] answer = session.Xend.Get("/v1/host");
        if (line.Has("json"))
        {
            session.Out.Write(JsonPassage.Indent(answer));
            return 0;
        }

        using JsonDocument host = JsonDocument.Parse(answer);
        foreach (JsonProperty fact in host.RootElement.EnumerateObject())
        {
            if (fact.Name != "system")
                session.Out.Write($"{fact.Name,-NameWidth}: {Text(fact.Value)}\n");
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

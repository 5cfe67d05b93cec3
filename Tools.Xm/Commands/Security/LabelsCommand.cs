using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary><c>xm labels</c>.</summary>
internal sealed class LabelsCommand : XmCommand
{
    private const string TypeKey = "type=";

    public override CommandDescription Description { get; } = new()
    {
        Name = "labels",
        Group = CommandGroup.Security,
        Arguments = "[policy] [type=dom|res|any]",
        Summary = "List the labels of the policy in force, or of another.",
        Options = [new('\0', "json", "Output as JSON")],
        MaximumArguments = 2,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        string[] types = [.. line.Arguments.Where(IsType).Select(static word => word[TypeKey.Length..])];
        if (types.Length > 1)
            throw new CommandFailedException("type is definied twice"); // Xen's spelling
        string[] policies = [.. line.Arguments.Where(static word => !IsType(word))];
        if (policies.Length > 1)
            throw new UsageException($"One policy is enough: '{policies[1]}' is not type=dom, type=res or type=any.");
        string type = types.FirstOrDefault() ?? "dom";
        if (line.Has("json"))
        {
            string query = $"type={Uri.EscapeDataString(type)}&policy={Uri.EscapeDataString(policies.FirstOrDefault() ?? "")}";
            session.Out.Write(JsonPassage.Indent(session.Xend.Get($"/v1/security/labels?{query}")));
            return 0;
        }

        foreach (string label in session.Security.Labels(policies.FirstOrDefault(), type))
            session.Out.Write($"{label}\n");
        return 0;
    }

    private static bool IsType(string word) => word.StartsWith(TypeKey, StringComparison.Ordinal);
}

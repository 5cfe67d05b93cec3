using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary><c>xm refinelabel</c>: what <c>xensec_gen</c> does with the labels of a policy, without its page.</summary>
internal sealed class RefineLabelCommand : XmCommand
{
    private static readonly (string Key, PolicyTypes Component, bool Adds)[] Keys =
    [
        ("add", PolicyTypes.Sharing, true), ("remove", PolicyTypes.Sharing, false), ("chwall-add", PolicyTypes.Wall, true), ("chwall-remove", PolicyTypes.Wall, false),
    ];

    public override CommandDescription Description { get; } = new()
    {
        Name = "refinelabel",
        Group = CommandGroup.Security,
        Arguments = "<policy> {dom|res} <label> [add=TYPE,...] [remove=TYPE,...] [chwall-add=TYPE,...] [chwall-remove=TYPE,...]",
        Summary = "Change the types of a label in a policy's source, or show them. makepolicy or setpolicy makes it count.",
        Options = [new('\0', "new", "It is a new label"), new('\0', "delete", "Take the label out of the policy")],
        MinimumArguments = 3,
        MaximumArguments = 7,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        (string policy, string kind, string label) = (line.Arguments[0], line.Arguments[1], line.Arguments[2]);
        if (kind is not ("dom" or "res"))
            throw new UsageException($"Unrecognised type argument: {kind}");
        if (line.Has("new") && line.Has("delete"))
            throw new UsageException("--new and --delete exclude each other.");
        (PolicyTypes Component, bool Adds, string[] Types)[] changes = [.. line.Arguments.Skip(3).Select(Parse)];
        PolicySource source = new(session.Security.Source(policy), kind == "res");
        if (changes.Length == 0 && !line.Has("new") && !line.Has("delete"))
            return Show(session, source, label);
        if (line.Has("delete"))
            source.Remove(label);
        if (line.Has("new"))
            source.Add(label);
        foreach (PolicyTypes component in (PolicyTypes[])[PolicyTypes.Sharing, PolicyTypes.Wall])
        {
            string[] added = [.. changes.Where(change => change.Component == component && change.Adds).SelectMany(static change => change.Types)];
            string[] removed = [.. changes.Where(change => change.Component == component && !change.Adds).SelectMany(static change => change.Types)];
            if (added.Length + removed.Length > 0)
                source.Change(label, component, added, removed);
        }

        session.Out.Write($"Policy '{policy}' saved as {session.Security.SaveSource(source.Write(), policy)}\n");
        return 0;
    }

    private static int Show(XmSession session, PolicySource source, string label)
    {
        foreach ((string title, PolicyTypes component) in ((string, PolicyTypes)[])[("STE", PolicyTypes.Sharing), ("CHWALL", PolicyTypes.Wall)])
        {
            foreach (string type in source.Types(label, component) ?? throw new CommandFailedException($"Label '{label}' not found."))
                session.Out.Write($"{title} {type}\n");
        }

        return 0;
    }

    private static (PolicyTypes Component, bool Adds, string[] Types) Parse(string word)
    {
        string[] parts = word.Split('=', 2);
        (string Key, PolicyTypes Component, bool Adds) key = Array.Find(Keys, known => known.Key == parts[0]);
        if (key.Key is null || parts.Length < 2 || parts[1].Length == 0)
            throw new UsageException($"'{word}' is none of {string.Join(", ", Keys.Select(static known => $"{known.Key}=TYPE,..."))}.");
        return (key.Component, key.Adds, parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
}

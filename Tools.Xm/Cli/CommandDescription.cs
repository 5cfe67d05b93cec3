namespace Hospes.Xm.Cli;

/// <summary>
/// Everything there is to say about a command. Help, completion and manual pages are made from this and from nothing else.
/// </summary>
internal sealed record CommandDescription
{
    /// <summary>The word after <c>xm</c>.</summary>
    public required string Name { get; init; }

    public required CommandGroup Group { get; init; }

    /// <summary>One sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>What follows the name in the usage line.</summary>
    public string Arguments { get; init; } = "";

    /// <summary>Listed in the short help too.</summary>
    public bool IsCommon { get; init; }

    public IReadOnlyList<OptionSpec> Options { get; init; } = [];

    public int MinimumArguments { get; init; }

    public int MaximumArguments { get; init; } = int.MaxValue;

    public ArgumentKind ArgumentKind { get; init; }

    /// <summary>Old names that still work and say so.</summary>
    public IReadOnlyList<string> DeprecatedNames { get; init; } = [];

    /// <summary>A refusal by xend is followed by the command's help (fact sheet "xm", section 1.2: all but create).</summary>
    public bool HelpAfterFault { get; init; } = true;
}

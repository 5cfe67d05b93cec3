namespace Hospes.Xm.Configuration;

/// <summary>The last value that a file gave a variable, and on which line; 0 if that is not known.</summary>
internal sealed record ConfigAssignment(ConfigValue Value, int Line);

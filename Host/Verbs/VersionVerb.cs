namespace Hospes.Host.Verbs;

/// <summary><c>version</c>.</summary>
internal static class VersionVerb
{
    /// <summary>This program's version.</summary>
    public static string Version => typeof(VersionVerb).Assembly.GetName().Version?.ToString(3) ?? "0";

    public static int Run()
    {
        Console.WriteLine($"Hospes {Version}");
        return 0;
    }
}

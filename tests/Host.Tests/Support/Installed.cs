namespace Hospes.Host.Tests.Support;

/// <summary>Programs of the system that tests may do without.</summary>
internal static class Installed
{
    public static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, program)));
}

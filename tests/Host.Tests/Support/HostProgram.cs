using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Hospes.Host.Native;

namespace Hospes.Host.Tests.Support;

/// <summary>
/// How to start the program that is tested. <c>./hospes build</c> compiles it ahead of time, which starts in half the time: that one is used when it is made
/// of the very same modules as what this test is built against, and else our own.
/// </summary>
internal static class HostProgram
{
    private static readonly Lazy<string?> Ahead = new(FindAhead);

    public static (string Path, string[] Arguments) Command(params ReadOnlySpan<string> arguments) =>
        Ahead.Value is { } program ? (program, [program, .. arguments]) : HostExecutable.Command(arguments);

    private static string? FindAhead()
    {
        string own = Path.GetDirectoryName(typeof(HostExecutable).Assembly.Location)!;
        string other = Path.Combine(TestPlugins.Repository, "out/Host");
        string program = Path.Combine(other, "Hospes.Host");
        return File.Exists(program) && Directory.EnumerateFiles(other, "Hospes.*.dll").All(file => IsSame(file, Path.Combine(own, Path.GetFileName(file)))) ? program : null;
    }

    private static bool IsSame(string one, string other) => File.Exists(other) && Identity(one) == Identity(other);

    // Made of a module's sources and options, and kept as it is compiled ahead (ECMA-335, partition II, section 22.30: Mvid).
    private static Guid Identity(string file)
    {
        using PEReader image = new(File.OpenRead(file));
        MetadataReader reader = image.GetMetadataReader();
        return reader.GetGuid(reader.GetModuleDefinition().Mvid);
    }
}

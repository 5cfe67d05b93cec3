using Hospes.Linux.Networking;

namespace Hospes.Host.Networks;

/// <summary>
/// The network namespace that an appliance runs in, when it is not the one it was started from: <c>xend start --netns NAME</c>. The name is kept for
/// later starts, and taken away at the stop if it was made for the appliance and nobody else has been at it.
/// </summary>
internal static class ApplianceNamespace
{
    private const string MadeByUs = "made";
    private const string ThereBefore = "there-before";

    /// <summary>The namespace to start in, made if need be; null: the present one.</summary>
    /// <exception cref="XendException">It cannot be had.</exception>
    public static NetworkNamespace? Prepare(HostPaths paths, string? wanted)
    {
        (string Name, bool IsOurs)? before = Load(paths);
        if ((wanted ?? before?.Name) is not { Length: > 0 } name)
            return null;
        try
        {
            if (before is { } other && other.Name != name)
                Delete(paths);
            NetworkNamespace found = NetworkNamespace.CreateNamed(name, out bool isNew);
            bool isOurs = isNew || (before is { IsOurs: true } same && same.Name == name);
            File.WriteAllText(PathOf(paths), $"{name}\n{(isOurs ? MadeByUs : ThereBefore)}\n");
            using KernelNetwork network = new(found);
            network.Links.SetUp("lo");
            return found;
        }
        catch (Exception failure) when (failure is IOException or FormatException)
        {
            throw XendException.Generic($"The network namespace '{name}' cannot be used: {failure.Message}", failure);
        }
    }

    /// <summary>Takes the name away, if the namespace was made for this appliance.</summary>
    public static void Delete(HostPaths paths)
    {
        if (Load(paths) is not { } known)
            return;
        if (known.IsOurs)
            NetworkNamespace.DeleteNamed(known.Name);
        File.Delete(PathOf(paths));
    }

    private static (string Name, bool IsOurs)? Load(HostPaths paths)
    {
        string path = PathOf(paths);
        return File.Exists(path) && File.ReadAllLines(path) is [string name, string kind, ..] ? (name, kind == MadeByUs) : null;
    }

    private static string PathOf(HostPaths paths) => Path.Combine(paths.Run, "netns");
}

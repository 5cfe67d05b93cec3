using System.Security.Cryptography;
using System.Text;

namespace Hospes.Host.Networks;

/// <summary>
/// How this appliance's things in a network namespace are told from another's, and where what must be put back is kept: by the root that it runs on,
/// below the run directory, for this boot of the machine and this namespace only.
/// </summary>
internal sealed class NetworkIdentity
{
    private const string KeyFile = "key";

    /// <summary>Makes the directory, empty if what is in it is about another boot or namespace.</summary>
    public NetworkIdentity(HostPaths paths)
    {
        Owner = paths.Root == "/" ? "xen" : $"x{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(paths.Root)))[..8]}";
        StateDirectory = Path.Combine(paths.Run, "network");
        string key = $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {new FileInfo("/proc/self/ns/net").LinkTarget}\n";
        string keyPath = Path.Combine(StateDirectory, KeyFile);
        if (File.Exists(keyPath) && File.ReadAllText(keyPath) == key)
            return;
        if (Directory.Exists(StateDirectory))
            Directory.Delete(StateDirectory, recursive: true);
        Directory.CreateDirectory(StateDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(keyPath, key);
    }

    /// <summary>The mark on what is ours.</summary>
    public string Owner { get; }

    /// <summary>Where scripts keep what must be put back.</summary>
    public string StateDirectory { get; }
}

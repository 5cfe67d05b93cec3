namespace Hospes.Linux.Networking;

/// <summary>The kernel's network switches of the calling thread's namespace, by their names with dots or slashes: <c>net/ipv4/ip_forward</c>.</summary>
public static class Sysctl
{
    /// <summary>A switch's value.</summary>
    /// <exception cref="IOException">There is none of that name.</exception>
    public static string Read(string name) => File.ReadAllText(PathOf(name)).Trim();

    /// <summary>Sets a switch, if it is not so already.</summary>
    /// <exception cref="IOException">There is none of that name, or it may not be set; the message names it.</exception>
    public static void Write(string name, string value)
    {
        try
        {
            if (Read(name) != value)
                File.WriteAllText(PathOf(name), value);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new NetworkException($"cannot set {name} to {value}", NetworkException.NotPermitted, refused.Message);
        }
    }

    private static string PathOf(string name) => $"/proc/sys/{name}";
}

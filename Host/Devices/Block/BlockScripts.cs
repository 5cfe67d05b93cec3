using System.Globalization;
using Hospes.Host.Networks;
using Hospes.Host.Xenstore;
using Hospes.Host.Xenstore.Access;

namespace Hospes.Host.Devices.Block;

/// <summary>
/// Block scripts (fact sheets "xend", section 6, and "Storage", section 3.4): a disk that says <c>script=NAME</c>, or whose type is no plugin's but has a
/// <c>block-TYPE</c> in the scripts folder, is made by that script. It is run with <c>add</c>, reads <c>params</c> from the back-end's directory, and
/// leaves there the device it has made: <c>physical-device</c> (hexadecimal major:minor), or <c>node</c> or <c>physical-device-path</c> (a path).
/// <c>remove</c> takes the device away again.
/// </summary>
internal sealed class BlockScripts(HostPaths paths, NetworkConfiguration configuration, XenstoreServer server)
{
    private readonly ScriptFolder _folder = new(Path.Combine(paths.Configuration, "scripts"), paths, configuration.ScriptTimeout);
    private readonly XenstoreClient _store = server.Connect();

    /// <summary>The script that makes a disk, or null: a plugin does.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="isKnown">A plugin knows its type.</param>
    /// <exception cref="XendException">The script that it names is not there.</exception>
    public ScriptLine? For(DiskSpecification disk, bool isKnown)
    {
        if (disk.Script is { } named)
        {
            _folder.Find(named.Name, []);
            return named;
        }

        if (isKnown || disk.Class == "tap" || disk.Driver.Length == 0 || disk.Driver.Contains('/', StringComparison.Ordinal))
            return null;
        string name = $"block-{disk.Driver}";
        return File.Exists(_folder.PathOf(name)) ? new ScriptLine(name, new Dictionary<string, string>(StringComparer.Ordinal)) : null;
    }

    /// <summary>The script that has made a disk, or null: a plugin did. Whether it can still be run shows when it is.</summary>
    public ScriptLine? Recall(DiskSpecification disk, bool isKnown) => disk.Script ?? For(disk, isKnown);

    /// <summary>Where a script stands.</summary>
    public string PathOf(ScriptLine script) => _folder.PathOf(script.Name);

    /// <summary>Has the script make its device; answers the path of that.</summary>
    /// <exception cref="XendException">It failed, or has made none.</exception>
    public async Task<string> AddAsync(ScriptLine script, string backPath, CancellationToken cancellation)
    {
        await _folder.RunBlockAsync(script, "add", backPath, cancellation);
        if (Node(backPath, "hotplug-status") is "error" or "busy")
            throw XendException.Generic(Node(backPath, "hotplug-error") ?? $"script {PathOf(script)} has reported an error without saying which.");
        if (Node(backPath, "physical-device-path") is { } path)
            return path;
        if (Node(backPath, "physical-device") is { } number)
            return PathOf(number) ?? throw XendException.Generic($"script {PathOf(script)} has made the device {number}, which is not there.");
        return Node(backPath, "node") ?? throw XendException.Generic(
            $"script {PathOf(script)} has ended well but has written neither physical-device nor node into {backPath}.");
    }

    /// <summary>Has the script take its device away.</summary>
    /// <exception cref="XendException">It failed.</exception>
    public Task RemoveAsync(ScriptLine script, string backPath) => _folder.RunBlockAsync(script, "remove", backPath, CancellationToken.None);

    private string? Node(string backPath, string name) =>
        _store.Atomically(store => store.Read($"{backPath}/{name}")) is { Length: > 0 } value ? value : null;

    // 7:0, hexadecimal, is /dev/loop0, as the kernel says in /sys/dev/block/7:0/uevent.
    private static string? PathOf(string number)
    {
        string[] parts = number.Split(':');
        if (parts.Length != 2 || !TryParse(parts[0], out int major) || !TryParse(parts[1], out int minor))
            return null;
        string description = string.Create(CultureInfo.InvariantCulture, $"/sys/dev/block/{major}:{minor}/uevent");
        if (!File.Exists(description))
            return null;
        const string key = "DEVNAME=";
        return File.ReadLines(description).Where(static line => line.StartsWith(key, StringComparison.Ordinal))
            .Select(static line => $"/dev/{line[key.Length..]}").FirstOrDefault();
    }

    private static bool TryParse(string text, out int number) =>
        int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
}

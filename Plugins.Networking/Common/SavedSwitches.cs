using System.Text.Json;
using System.Text.Json.Serialization;
using Hospes.Linux.Networking;
using Hospes.Sdk.Networking;

namespace Hospes.Networking.Common;

/// <summary>
/// Sets switches of the kernel and puts them back. What they were is written to a file before the first is set, and kept over a crash: a second start
/// does not take our own values for the machine's.
/// </summary>
internal sealed partial class SavedSwitches(NetworkRequest request, string script)
{
    private readonly string _path = Path.Combine(request.StateDirectory, $"{script}.switches.json");

    internal void Set(KernelNetwork network, params (string Name, string Value)[] switches)
    {
        Dictionary<string, string> before = Load() ?? new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, _) in switches)
            before.TryAdd(name, network.ReadSwitch(name));
        File.WriteAllBytes(_path, JsonSerializer.SerializeToUtf8Bytes(before, SwitchJson.Default.DictionaryStringString));
        foreach ((string name, string value) in switches)
            network.WriteSwitch(name, value);
    }

    /// <summary>Those whose interface has gone are left.</summary>
    internal void Restore(KernelNetwork network)
    {
        foreach ((string name, string value) in Load() ?? [])
        {
            try
            {
                network.WriteSwitch(name, value);
            }
            catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
            {
                // With its interface.
            }
        }

        File.Delete(_path);
    }

    private Dictionary<string, string>? Load()
    {
        try
        {
            return File.Exists(_path) ? JsonSerializer.Deserialize(File.ReadAllBytes(_path), SwitchJson.Default.DictionaryStringString) : null;
        }
        catch (JsonException)
        {
            return null; // cut short by a crash, before anything was set
        }
    }

    [JsonSerializable(typeof(Dictionary<string, string>))]
    private sealed partial class SwitchJson : JsonSerializerContext;
}

using System.Text;
using System.Text.Json;
using Hospes.Sdk.Security;
using Hospes.Security.Acm.Binary;
using Hospes.Security.Acm.Policies;
using Hospes.Security.Acm.Xml;

namespace Hospes.Security.Acm.Files;

/// <summary>
/// The policy in force, kept for a control plane that comes later: the whole of it, since the files that it was made of may be edited meanwhile.
/// </summary>
internal sealed class ActivePolicyFile(SecurityEnvironment environment)
{
    private const int MostBytes = 256 << 20;

    private readonly string _path = Path.Combine(environment.StateDirectory, "security", "active.json");

    /// <summary>Writes it down; null: none is in force, whatever the boot entry says.</summary>
    public void Write(ActivePolicy? active)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter writer = new(text))
        {
            writer.WriteStartObject();
            writer.WriteString("boot", environment.BootId);
            if (active is not null)
            {
                writer.WriteString("policy", active.Policy.Name);
                writer.WriteString("reference", active.Reference);
                writer.WriteString("source", active.Source);
                writer.WriteBase64String("binary", PolicyBinary.Write(active.Policy));
                writer.WriteString("map", PolicyMap.Write(active.Policy, "-", "-"));
            }

            writer.WriteEndObject();
        }

        DurableFile.Write(_path, text.ToArray(), isPrivate: true);
    }

    /// <summary>What was in force in this run of the machine.</summary>
    /// <param name="active">It; null: none was.</param>
    /// <returns>Whether anything was written down in this run.</returns>
    /// <exception cref="SecurityPolicyException">It cannot be told.</exception>
    public bool TryRead(out ActivePolicy? active)
    {
        active = null;
        if (DurableFile.Read(_path, MostBytes) is not { } content)
            return false;
        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            JsonElement root = document.RootElement;
            if (root.GetProperty("boot").GetString() != environment.BootId)
                return false;
            if (!root.TryGetProperty("policy", out _))
                return true;
            AcmPolicy policy = PolicyMap.Read(PolicyBinary.Read(root.GetProperty("binary").GetBytesFromBase64()), root.GetProperty("map").GetString()!);
            string text = root.GetProperty("source").GetString()!;
            AcmPolicy source = PolicyReader.Read(text);
            active = new ActivePolicy(source.Fingerprint == policy.Fingerprint ? source : policy, text, root.GetProperty("reference").GetGuid());
            return true;
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or SecurityPolicyException)
        {
            throw new SecurityPolicyException($"The policy that was in force cannot be read from {_path}: {broken.Message}", broken);
        }
    }
}

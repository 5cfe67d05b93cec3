using System.Text;
using Hospes.Sdk.Security;
using Hospes.Security.Acm.Binary;
using Hospes.Security.Acm.Policies;
using Hospes.Security.Acm.Xml;

namespace Hospes.Security.Acm.Files;

/// <summary>
/// Policies on file (fact sheet "ACM", section 1): <c>example.chwall_ste.test</c> is <c>example/chwall_ste/test-security_policy.xml</c> below the policies'
/// directory, its compiled form <c>test.bin</c> and <c>test.map</c> beside it.
/// </summary>
internal sealed class PolicyFiles(string configurationDirectory)
{
    private const int BinaryBytes = (int)(PolicyLimits.TableEntries * 2) + (1 << 20);

    /// <summary>The policies' directory.</summary>
    public string Root { get; } = Path.Combine(configurationDirectory, "acm-security", "policies");

    /// <summary>Puts the schema there, if it is not.</summary>
    public void PlaceSchema()
    {
        string path = Path.Combine(Root, PolicySchema.FileName);
        if (!File.Exists(path))
            DurableFile.Write(path, Encoding.UTF8.GetBytes(PolicySchema.Text()), isPrivate: false);
    }

    /// <summary>Where a policy's source is.</summary>
    public string SourcePath(string name) => PathOf(name, "-security_policy.xml");

    /// <summary>Where its binary form is.</summary>
    public string BinaryPath(string name) => PathOf(name, ".bin");

    /// <summary>The text of a policy's source.</summary>
    /// <exception cref="SecurityPolicyException">There is no such policy.</exception>
    public string Source(string name)
    {
        byte[] text = DurableFile.Read(SourcePath(name), PolicyLimits.SourceBytes) ?? throw new SecurityPolicyException($"Unknown policy '{name}'");
        try
        {
            using StreamReader reader = new(new MemoryStream(text), new UTF8Encoding(false, throwOnInvalidBytes: true));
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException wrong)
        {
            throw new SecurityPolicyException($"{SourcePath(name)} is not text in UTF-8 (byte {wrong.Index})", wrong);
        }
    }

    /// <summary>A policy from its source.</summary>
    /// <exception cref="SecurityPolicyException">There is none, or it holds no water.</exception>
    public AcmPolicy Read(string name)
    {
        AcmPolicy policy = PolicyReader.Read(Source(name));
        return policy.Name == name ? policy : throw new SecurityPolicyException($"{SourcePath(name)} says that it is policy '{policy.Name}', not '{name}'");
    }

    /// <summary>Makes a policy's compiled form.</summary>
    /// <exception cref="SecurityPolicyException">It cannot be made; what there was is there.</exception>
    public AcmPolicy Compile(string name)
    {
        AcmPolicy policy = Read(name);
        byte[] binary = PolicyBinary.Write(policy);

        // Between the two the pair does not fit together, which a reader notices by the fingerprint.
        DurableFile.Write(MapPath(name), Encoding.UTF8.GetBytes(PolicyMap.Write(policy, SourcePath(name), BinaryPath(name))), isPrivate: false);
        DurableFile.Write(BinaryPath(name), binary, isPrivate: false);
        return policy;
    }

    /// <summary>Writes a policy's source.</summary>
    public void Write(string name, string source) => DurableFile.Write(SourcePath(name), Encoding.UTF8.GetBytes(source), isPrivate: false);

    /// <summary>A policy from its compiled form, which has to be that of its source as that is now.</summary>
    /// <exception cref="SecurityPolicyException">There is none, it is broken, or it is another's.</exception>
    public AcmPolicy Compiled(string name)
    {
        byte[] binary = DurableFile.Read(BinaryPath(name), BinaryBytes)
            ?? throw new SecurityPolicyException("Binary file does not exist.Please use makepolicy to build the policy binary.");
        AcmPolicy policy = Compiled(name, binary);
        if (!File.Exists(SourcePath(name)))
            return policy;

        // The source is the same and says more: dates, names of rules, what labels were called before.
        AcmPolicy source = Read(name);
        if (source.Fingerprint != policy.Fingerprint)
            throw new SecurityPolicyException($"Policy '{name}' has been edited since it was compiled: {SourcePath(name)} has another fingerprint than {BinaryPath(name)}. Please use makepolicy.");
        return source;
    }

    /// <summary>A policy from a binary form that is somewhere else, with the map that is here.</summary>
    /// <exception cref="SecurityPolicyException">They do not go together.</exception>
    public AcmPolicy Compiled(string name, byte[] binary)
    {
        byte[] map = DurableFile.Read(MapPath(name), PolicyLimits.SourceBytes * 4) ?? throw new SecurityPolicyException($"Invalid policy: it has no map {MapPath(name)}.");
        PolicyTables tables = PolicyBinary.Read(binary);
        return tables.Name == name
            ? PolicyMap.Read(tables, Encoding.UTF8.GetString(map))
            : throw new SecurityPolicyException($"Policy's name '{tables.Name}' is not the expected one '{name}'.");
    }

    private string MapPath(string name) => PathOf(name, ".map");

    private string PathOf(string name, string ending) => Path.Combine(Root, PolicyName.Require(name).Replace('.', '/')) + ending;
}

using Hospes.Sdk.Security;
using Hospes.Security.Acm;

namespace Hospes.Security.Tests.Support;

/// <summary>A module on a directory of its own.</summary>
internal sealed class Place : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hospes-acm-").FullName;

    public Place(string? bootParameter = null)
    {
        Directory.CreateDirectory(PathOf("lib"));
        Directory.CreateDirectory(PathOf("etc"));
        Module = Begin(bootParameter: bootParameter);
    }

    public AcmModule Module { get; private set; }

    public ISecurityPolicies Policies => Module;

    public IResourceLabels Labels => Module;

    public List<string> Said { get; } = [];

    public string PathOf(string name) => Path.Combine(_root, name);

    /// <summary>Where a policy's source is.</summary>
    public string Source(string name) => PathOf($"etc/acm-security/policies/{name.Replace('.', '/')}-security_policy.xml");

    /// <summary>Writes a policy's source, without asking anybody.</summary>
    public void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Source(name))!);
        File.WriteAllText(Source(name), text);
    }

    /// <summary>The example is in force.</summary>
    public Place WithExample()
    {
        Write("example.test", Drafts.Example());
        Policies.Compile("example.test");
        Policies.Load("example.test", []);
        return this;
    }

    /// <summary>The control plane dies and another comes, in the same run of the machine or in another.</summary>
    public AcmModule Restart(string run = "run", string? bootParameter = null) => Module = Begin(run, bootParameter);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private AcmModule Begin(string run = "run", string? bootParameter = null)
    {
        AcmModule module = new();
        module.Start(new SecurityEnvironment
        {
            ConfigurationDirectory = PathOf("etc"),
            StateDirectory = PathOf("lib"),
            BootDirectory = PathOf("boot"),
            BootId = run,
            BootParameter = bootParameter,
            Say = Said.Add,
        });
        return module;
    }
}

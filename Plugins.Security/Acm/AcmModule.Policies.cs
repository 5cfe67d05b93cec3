using Hospes.Sdk.Security;
using Hospes.Security.Acm.Binary;
using Hospes.Security.Acm.Enforcement;
using Hospes.Security.Acm.Files;
using Hospes.Security.Acm.Policies;
using Hospes.Security.Acm.Xml;

namespace Hospes.Security.Acm;

/// <summary>Administration of policies (fact sheet "ACM", section 8, for the words).</summary>
public sealed partial class AcmModule
{
    /// <inheritdoc/>
    public (string Name, string Version)? Installed
    {
        get
        {
            if (_active is { } active)
                return (active.Policy.Name, active.Policy.Header.Version.ToString());
            return _managed.Read() is { } installed ? (installed.Name, _files.Read(installed.Name).Header.Version.ToString()) : null;
        }
    }

    /// <inheritdoc/>
    public void Compile(string policy)
    {
        string name = PolicyName.Require(policy);
        if (!File.Exists(_files.SourcePath(name)))
            throw new SecurityPolicyException($"Unknown policy '{policy}'");
        try
        {
            _files.Compile(name);
        }
        catch (SecurityPolicyException wrong)
        {
            throw new SecurityPolicyException($"Creating policy failed:\n{wrong.Message}", wrong);
        }
    }

    /// <inheritdoc/>
    public void Load(string policy, IReadOnlyList<SecurityUse> running)
    {
        string name = PolicyName.Require(policy);
        lock (_gate)
        {
            RequireSameName(name, policy);
            if (!File.Exists(_files.SourcePath(name)) && !File.Exists(_files.BinaryPath(name)))
                throw new SecurityPolicyException($"Unknown policy '{policy}'");
            AcmPolicy compiled = _files.Compiled(name);
            if (!PolicyName.Means(policy, name, compiled.Fingerprint))
                throw new SecurityPolicyException($"Loading policy failed:\nPolicy '{name}' has the fingerprint {compiled.Fingerprint}, not '{policy}'.");
            Enforce(compiled, Check(compiled, running));
        }
    }

    /// <inheritdoc/>
    public void Reset()
    {
        lock (_gate)
        {
            if (_running.Count > 0)
                throw new SecurityPolicyException($"The policy cannot be reset while domains run: {string.Join(", ", _running.Values.Select(static domain => domain.Name))}");
            _activeFile.Write(null);
            _managed.Clear();
            _active = null;
            _enforced = null;
            _fault = null;
            _environment.Say($"Loading default policy ({AcmPolicyType.Default}).");
        }
    }

    /// <inheritdoc/>
    public string Install(string source, bool overwrites, bool isUpdate, IReadOnlyList<SecurityUse>? running = null)
    {
        AcmPolicy policy = PolicyReader.Read(source);
        lock (_gate)
        {
            bool isThere = File.Exists(_files.SourcePath(policy.Name));
            if (isThere && !overwrites)
                throw new SecurityPolicyException($"Policy '{policy.Name}' is on this system already");
            if (isThere && isUpdate)
            {
                policy = Successor(policy, _files.Read(policy.Name));
                source = PolicyWriter.Write(policy);
            }
            else if (_active is { } active && active.Policy.Name == policy.Name && policy.Header.From is { } from && from.Version != active.Policy.Header.Version)
            {
                throw new SecurityPolicyException($"The version of the policy prevents an update: it follows {from.Version}, and {active.Policy.Header.Version} is in force");
            }

            EnforcedPolicy? next = null;
            if (running is not null)
            {
                RequireSameName(policy.Name, policy.Name);
                next = Check(policy, running);
            }

            _files.Write(policy.Name, source);
            _files.Compile(policy.Name);
            _managed.Write(policy.Name);
            if (next is not null)
                Enforce(policy, next);
            return policy.Name;
        }
    }

    /// <inheritdoc/>
    public string Source(string? policy) => policy is null
        ? (_active ?? throw new SecurityPolicyException("No policy is installed.")).Source
        : _files.Source(PolicyName.Require(policy));

    /// <inheritdoc/>
    public IReadOnlyList<string> Labels(string? policy, SecurityLabelKind kind)
    {
        AcmPolicy known = Known(policy);
        IEnumerable<string> subjects = known.Subjects.Select(static label => label.Name);
        IEnumerable<string> resources = known.Resources.Select(static label => label.Name);
        IEnumerable<string> names = kind switch
        {
            SecurityLabelKind.Domain => subjects,
            SecurityLabelKind.Resource => resources,
            _ => subjects.Concat(resources).Append(PolicyName.NullLabel),
        };
        return [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public string Dump()
    {
        lock (_gate)
            return _enforced is { } enforced ? new PolicyDump(enforced).Write() : throw new SecurityPolicyException($"'{AcmPolicyType.Default}' policy. Nothing to dump.");
    }

    /// <inheritdoc/>
    public string ConfigureBoot(string? policy, string? title)
    {
        if (policy is null)
            return _boot.Clear();
        if (!PolicyName.IsPolicy(policy))
            throw new SecurityPolicyException($"Illegal policy name: '{policy}'");
        if (!File.Exists(_files.SourcePath(policy)))
            throw new SecurityPolicyException($"Unknown policy '{policy}'");
        if (!File.Exists(_files.BinaryPath(policy)))
            throw new SecurityPolicyException($"Cannot find binary file for policy '{policy}'. Please use makepolicy to create binary file.");
        return _boot.Set(policy, PolicyBinary.Write(_files.Compiled(policy)), title);
    }

    private static AcmPolicy Successor(AcmPolicy policy, AcmPolicy before)
    {
        PolicyVersion version = before.Header.Version;
        PolicyHeader header = policy.Header with { Version = version with { Minor = version.Minor + 1 }, From = (before.Name, version) };
        return new AcmPolicy(header, policy.Primary, policy.Types, policy.WallTypes, policy.Conflicts, policy.Subjects, policy.Resources);
    }

    private AcmPolicy Known(string? policy)
    {
        if (policy is null)
            return (_active ?? throw new SecurityPolicyException("No policy active, you must specify a <policy>")).Policy;

        // The one in force is what is in force, not what its file has become.
        string name = PolicyName.Require(policy);
        return _active is { } active && active.Policy.Name == name ? active.Policy : _files.Read(name);
    }
}

namespace Hospes.Sdk.Security;

/// <summary>
/// Administration of policies, an optional ability of a security module. Called one at a time. Whatever is refused, by
/// <see cref="SecurityPolicyException"/>, leaves the policy in force and all files as they were.
/// </summary>
public interface ISecurityPolicies
{
    /// <summary>The policy that is installed, in force or not, with its version; null: none.</summary>
    (string Name, string Version)? Installed { get; }

    /// <summary>Makes the representation that is loaded from the source that people write.</summary>
    void Compile(string policy);

    /// <summary>Puts a compiled policy in force, if all that runs conforms to it.</summary>
    /// <param name="policy">Its name.</param>
    /// <param name="running">Resources that running domains have.</param>
    void Load(string policy, IReadOnlyList<SecurityUse> running);

    /// <summary>Puts none in force. Refused while any domain runs.</summary>
    void Reset();

    /// <summary>Installs a source under the name that it gives itself, compiles it, and may put it in force; all of that or nothing.</summary>
    /// <param name="source">The text.</param>
    /// <param name="overwrites">A policy of that name may be there already.</param>
    /// <param name="isUpdate">It takes the place of the installed one as its next version.</param>
    /// <param name="running">Resources that running domains have, if it is to be put in force; null: it is not.</param>
    /// <returns>The name.</returns>
    string Install(string source, bool overwrites, bool isUpdate, IReadOnlyList<SecurityUse>? running = null);

    /// <summary>The source of a policy, or of the one in force.</summary>
    string Source(string? policy);

    /// <summary>Names of the labels of a policy, or of the one in force, in the order of their bytes.</summary>
    IReadOnlyList<string> Labels(string? policy, SecurityLabelKind kind);

    /// <summary>The policy in force, in full, for people.</summary>
    string Dump();

    /// <summary>Has the next boot load a policy.</summary>
    /// <param name="policy">Its name; null: none.</param>
    /// <param name="title">A part of the boot entry's title, or null: the hypervisor's own.</param>
    /// <returns>The title of the entry that was changed; empty: there was nothing to take out.</returns>
    string ConfigureBoot(string? policy, string? title);
}

namespace Hospes.Sdk.Security;

/// <summary>
/// Policies made of a description of workloads, an optional ability of a security module: organisations, their departments, and which may not run at the
/// same time. What cannot be done throws <see cref="SecurityPolicyException"/>.
/// </summary>
public interface IWorkloadPolicies
{
    /// <summary>The source of a policy that keeps workloads apart.</summary>
    /// <param name="definition">The workloads, in the format of <c>xensec_ezpolicy</c>'s files.</param>
    /// <param name="policy">The policy's name.</param>
    /// <param name="now">The date that it will have.</param>
    string Translate(string definition, string policy, DateTimeOffset now);

    /// <summary>Writes a policy's source to the place that its name says; it is neither compiled nor put in force.</summary>
    /// <param name="policy">The policy's name, which has to be the one that the source says.</param>
    /// <param name="source">The text, which has to be a policy that could be compiled.</param>
    /// <param name="overwrites">There may be one already.</param>
    /// <returns>The path.</returns>
    string Save(string policy, string source, bool overwrites);
}

namespace Hospes.Security.Acm;

/// <summary>What this kind of policy is called in labels and by tools.</summary>
internal static class AcmPolicyType
{
    /// <summary>The type.</summary>
    public const string Name = "ACM";

    /// <summary>The name of the policy that is in force while none is: one type, one label, no rule.</summary>
    public const string Default = "DEFAULT";
}

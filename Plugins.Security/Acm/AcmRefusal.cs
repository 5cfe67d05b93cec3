namespace Hospes.Security.Acm;

/// <summary>Xen's words for kinds of refusals whose own message does not begin with them (fact sheet "ACM", section 8, status codes).</summary>
internal static class AcmRefusal
{
    /// <summary>Code 0x1003.</summary>
    public const string Processing = "Error while processing XML";

    /// <summary>Code 0x1004.</summary>
    public const string Inconsistent = "Policy has inconsistencies";

    /// <summary>Code 0x1018.</summary>
    public const string Hypervisor = "Operation failed in hypervisor";
}

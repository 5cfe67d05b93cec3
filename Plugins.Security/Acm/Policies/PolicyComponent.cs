namespace Hospes.Security.Acm.Policies;

/// <summary>The components of a policy, with their codes in the binary representation (fact sheet "ACM", section 4).</summary>
internal enum PolicyComponent
{
    /// <summary>None: permits everything.</summary>
    Null = 0,

    /// <summary>Which domains may run at the same time.</summary>
    ChineseWall = 1,

    /// <summary>Which domains may share.</summary>
    SimpleTypeEnforcement = 2,
}

namespace Hospes.Hypervisor.Grants;

/// <summary>GNTST_* (fact sheet "Guest ABI", section 7): the outcome of one grant operation.</summary>
public enum GrantStatus : short
{
    /// <summary>Done.</summary>
    Okay = 0,

    /// <summary>The entry does not permit this.</summary>
    GeneralError = -1,

    /// <summary>A domain that has nothing to do with this guest.</summary>
    BadDomain = -2,

    /// <summary>The reference lies outside the table.</summary>
    BadReference = -3,

    /// <summary>No such mapping.</summary>
    BadHandle = -4,

    /// <summary>Not for this domain.</summary>
    PermissionDenied = -8,

    /// <summary>No memory behind the granted frame.</summary>
    BadPage = -9,

    /// <summary>A copy that leaves its page.</summary>
    BadCopyArgument = -10,
}

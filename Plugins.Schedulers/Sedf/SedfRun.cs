namespace Hospes.Schedulers.Sedf;

/// <summary>On what account a vCPU runs; higher goes first.</summary>
internal enum SedfRun
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>Time nobody has reserved.</summary>
    Extra,

    /// <summary>Time nobody has reserved, as amends for part of a slice that was lost to a short sleep.</summary>
    Penalty,

    /// <summary>Its slice.</summary>
    Slice,
}

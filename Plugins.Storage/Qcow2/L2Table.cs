namespace Hospes.Storage.Qcow2;

/// <summary>One L2 table in memory.</summary>
/// <param name="index">Its place in the L1 table.</param>
/// <param name="offset">Its place in the file.</param>
/// <param name="entries">Its entries.</param>
internal sealed class L2Table(int index, long offset, ulong[] entries)
{
    public int Index => index;

    public long Offset => offset;

    public ulong[] Entries => entries;

    /// <summary>It is not yet in the file as it is here.</summary>
    public bool IsDirty { get; set; }

    /// <summary>For choosing which one to drop.</summary>
    public long LastUse { get; set; }
}
